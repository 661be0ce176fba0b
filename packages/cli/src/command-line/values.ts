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

/** The words that Python's strtobool takes. */
export function truth(text: string): boolean {
  const word = text.toLowerCase();
  if (["true", "t", "yes", "y", "on", "1"].includes(word)) return true;
  if (["false", "f", "no", "n", "off", "0"].includes(word)) return false;
  throw new InvalidArgumentError("It has to be true or false.");
}
