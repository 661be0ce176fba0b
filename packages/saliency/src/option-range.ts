import { VoxplainError } from "@voxplain/core";

/** The option of methods that draw random numbers. */
export const seedOption = {
  seed: { kind: "integer", default: 0, doc: "random seed" },
} as const;

/** @throws VoxplainError `invalid-argument` when an option of a method is no whole number of at least `minimum`. */
export function checkWhole(name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw new VoxplainError("invalid-argument", `${name} must be a whole number of at least ${minimum}`, {
    found: `${value}`,
  });
}

/** @throws VoxplainError `invalid-argument` when an option of a method is no finite number ≥ 0, or > 0. */
export function checkSize(name: string, value: number, zero: "zero allowed" | "positive"): void {
  if (Number.isFinite(value) && (value > 0 || (value === 0 && zero === "zero allowed"))) return;
  const range = zero === "positive" ? "above 0" : "of at least 0";
  throw new VoxplainError("invalid-argument", `${name} must be a number ${range}`, { found: `${value}` });
}
