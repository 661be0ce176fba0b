import { InvalidArgumentError } from "commander";

// Readers of option values: what they throw becomes a sentence about the option.

export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least) {
      throw new InvalidArgumentError(`It has to be a whole number from ${least}.`);
    }
    return Number(text);
  };
}

/** "5,1": indices, at least one. */
export function wholeNumbers(text: string): number[] {
  return text.split(",").map(wholeNumber(0));
}

/** A class, or "5,1", an index for each axis. */
export function classOrIndices(text: string): number | number[] {
  const numbers = wholeNumbers(text);
  return numbers.length === 1 ? numbers[0]! : numbers;
}

export function wholeNumberList(text: string, before: number[] | undefined): number[] {
  return [...(before ?? []), wholeNumber(0)(text)];
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError("It has to be a number above 0.");
  }
  return value;
}

/** A number, also 0 and below. */
export function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It has to be a number.");
  return value;
}

/** A number from 0. */
export function notNegative(text: string): number {
  const value = anyNumber(text);
  if (value < 0) throw new InvalidArgumentError("It has to be a number from 0.");
  return value;
}

/** A p-value. */
export function probability(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value < 1)) {
    throw new InvalidArgumentError("It has to be a number between 0 and 1.");
  }
  return value;
}

/** Per cent of the voxels: several. */
export function percentages(text: string, before: number[] | undefined): number[] {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value <= 100)) {
    throw new InvalidArgumentError("It has to be a number above 0, up to 100.");
  }
  return [...(before ?? []), value];
}

/** The words that Python's strtobool takes. */
export function truth(text: string): boolean {
  const word = text.toLowerCase();
  if (["true", "t", "yes", "y", "on", "1"].includes(word)) return true;
  if (["false", "f", "no", "n", "off", "0"].includes(word)) return false;
  throw new InvalidArgumentError("It has to be true or false.");
}
