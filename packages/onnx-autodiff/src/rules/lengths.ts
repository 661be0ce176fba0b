import { elementAt, elementCount } from "@voxplain/core";
import type { RuleContext } from "../rule.ts";

/** A length, or some lengths in a row: a number, or an int64 value of one axis that is computed. */
export type Length = number | string;

/** The length of one axis of a forward value, fixed where it can be. */
export function lengthOf(g: RuleContext, value: string, axis: number): Length {
  const length = elementAt(g.dims(value), axis);
  return typeof length === "number" ? length : g.emit("Gather", [g.shapeOf(value), g.int64([axis])]);
}

/** The number of elements along the axes from `first` to before `end`. */
export function elementsBetween(g: RuleContext, value: string, first: number, end: number): Length {
  const lengths = g.dims(value).slice(first, end);
  if (lengths.every((length) => typeof length === "number")) return elementCount(lengths);
  const axes = lengths.map((_, k) => first + k);
  const along = g.emit("Gather", [g.shapeOf(value), g.int64(axes)]);
  return g.emit("ReduceProd", [along], { keepdims: 1 });
}

export function sumOf(g: RuleContext, a: Length, b: Length): Length {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return g.emit("Add", [asValue(g, a), asValue(g, b)]);
}

/** An int64 value of shape [1] for a length. */
export function asValue(g: RuleContext, length: Length): string {
  return typeof length === "number" ? g.int64([length]) : length;
}

/** Lengths one after the other, as an int64 value of one axis: a shape, pads. */
export function joined(g: RuleContext, lengths: readonly Length[]): string {
  const runs: (number[] | string)[] = [];
  for (const length of lengths) {
    const last = runs.at(-1);
    if (typeof length === "string") runs.push(length);
    else if (Array.isArray(last)) last.push(length);
    else runs.push([length]);
  }
  const parts = runs.map((run) => (typeof run === "string" ? run : g.int64(run)));
  return parts.length === 1 ? elementAt(parts, 0) : g.emit("Concat", parts, { axis: 0 });
}
