import { outside } from "./elements.ts";

/** Σ aᵢ · bᵢ. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i];
    const y = b[i];
    if (x === undefined || y === undefined) throw outside(i);
    sum += x * y;
  }
  return sum;
}

/** Takes from `rest`, in place, its part along a vector of length 1. */
export function removeAlong(unit: Float64Array, rest: Float64Array): void {
  const along = dot(unit, rest);
  for (let i = 0; i < rest.length; i++) {
    const left = rest[i];
    const direction = unit[i];
    if (left === undefined || direction === undefined) throw outside(i);
    rest[i] = left - along * direction;
  }
}
