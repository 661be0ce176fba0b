import type { RuleContext } from "../rule.ts";
import { padZeros, slice } from "./movement.ts";

/**
 * Puts stride − 1 zeros after each element along the spatial axes of a value [N, C, …lengths].
 * @returns the value and its new lengths.
 */
export function insertZeros(
  g: RuleContext,
  value: string,
  lengths: readonly number[],
  strides: readonly number[],
): { value: string; lengths: readonly number[] } {
  if (strides.every((stride) => stride === 1)) return { value, lengths };
  const apart = g.emit("Reshape", [value, g.int64([0, 0, ...lengths.flatMap((length) => [length, 1])])]);
  const nothing = [0, 0, ...lengths.flatMap(() => [0, 0])];
  const spread = padZeros(g, apart, nothing, [0, 0, ...strides.flatMap((stride) => [0, stride - 1])]);
  const longer = lengths.map((length, axis) => length * strides[axis]!);
  return { value: g.emit("Reshape", [spread, g.int64([0, 0, ...longer])]), lengths: longer };
}

/** Adds zeros (positive amounts) to or cuts elements (negative) from the spatial axes of [N, C, …lengths]. */
export function fitAxes(
  g: RuleContext,
  value: string,
  lengths: readonly number[],
  before: readonly number[],
  after: readonly number[],
): string {
  const cut = (amount: number) => Math.max(0, -amount);
  const ranges = lengths.flatMap((length, axis) => {
    const [start, end] = [cut(before[axis]!), cut(after[axis]!)];
    return start === 0 && end === 0 ? [] : [{ axis: axis + 2, start, count: length - start - end }];
  });
  const positive = (amount: number) => Math.max(0, amount);
  return padZeros(
    g,
    slice(g, value, ranges),
    [0, 0, ...before.map(positive)],
    [0, 0, ...after.map(positive)],
  );
}
