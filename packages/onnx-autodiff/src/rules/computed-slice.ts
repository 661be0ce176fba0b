import { tensor } from "@voxplain/core";
import type { RuleContext } from "../rule.ts";
import { constantNumbers, fromFront } from "./attributes.ts";
import { alongAxis, putAt } from "./gather.ts";
import { asValue, joined, type Length, lengthOf } from "./lengths.ts";
import { endOfAxis } from "./zero-insertion.ts";

/** One axis of a Slice, whose range, or the length of the axis, is known only when the graph runs. */
interface ComputedRange {
  readonly axis: number;
  /** int64 values of shape [1]. */
  readonly start: string;
  readonly end: string;
  readonly step: string;
  /** The step is 1. */
  readonly isDense: boolean;
}

/** Zeros around what was taken: Pad where neighbours were taken, else each element is put back at its place. */
export function unslice(g: RuleContext, dy: string): string {
  const ranges = computedRanges(g);
  const rank = g.dims(g.x[0]).length;
  const dense = ranges.filter(({ isDense }) => isDense);
  let value = dense.length === 0 ? dy : padded(g, dy, dense, rank);
  const lengths = g.dims(g.x[0]).map((_, axis): Length | undefined => {
    const stays = ranges.some((range) => range.axis === axis && !range.isDense);
    return stays ? undefined : lengthOf(g, g.x[0], axis);
  });
  for (const range of ranges) {
    if (range.isDense) continue;
    lengths[range.axis] = lengthOf(g, g.x[0], range.axis);
    const shape = lengths.map((length, axis) => length ?? lengthOf(g, g.y[0], axis));
    const places = alongAxis(g, placesTaken(g, range), value, range.axis, rank);
    value = putAt(g, g.zeros(joined(g, shape)), places, value, range.axis);
  }
  return value;
}

function computedRanges(g: RuleContext): readonly ComputedRange[] {
  const [x, starts, ends, axes, steps] = g.x as [string, string, string, string?, string?];
  const rank = g.dims(x).length;
  const given = axes ? constantNumbers(g, axes) : undefined;
  if (axes && given === undefined) throw g.unsupported("its axes are computed");
  const count = given?.length ?? g.dims(starts)[0];
  if (typeof count !== "number") throw g.unsupported("it is not known how many axes it slices");
  const part = (values: string, k: number) =>
    count === 1 ? values : g.emit("Gather", [values, g.int64([k])]);
  const int64 = (values: string, k: number) => {
    const fixed = constantNumbers(g, values)?.[k];
    if (fixed === undefined) return g.emit("Cast", [part(values, k)], { to: 7 });
    return g.int64([Math.max(-endOfAxis, Math.min(fixed, endOfAxis))]);
  };
  return Array.from({ length: count }, (_, k) => ({
    axis: fromFront(given?.[k] ?? k, rank),
    start: int64(starts, k),
    end: int64(ends, k),
    step: steps ? int64(steps, k) : g.int64([1]),
    isDense: !steps || constantNumbers(g, steps)?.[k] === 1,
  }));
}

function padded(g: RuleContext, dy: string, ranges: readonly ComputedRange[], rank: number): string {
  const before = new Array<Length>(rank).fill(0);
  const after = new Array<Length>(rank).fill(0);
  for (const { axis, start } of ranges) {
    const length = asValue(g, lengthOf(g, g.x[0], axis));
    const taken = asValue(g, lengthOf(g, g.y[0], axis));
    const isNegative = g.emit("Less", [start, g.int64([0])]);
    const counted = g.emit("Where", [isNegative, g.emit("Add", [start, length]), start]);
    // The slice may be empty, with a start outside the axis.
    const front = g.emit("Min", [g.emit("Max", [counted, g.int64([0])]), g.emit("Sub", [length, taken])]);
    before[axis] = front;
    after[axis] = g.emit("Sub", [g.emit("Sub", [length, taken]), front]);
  }
  return g.emit("Pad", [dy, joined(g, [...before, ...after])], { mode: "constant" });
}

/** The indices 0, 1, 2, … of an axis, sliced as x was. */
function placesTaken(g: RuleContext, { axis, start, end, step }: ComputedRange): string {
  const scalar = (value: number) => g.constant(tensor("int64", [], BigInt64Array.of(BigInt(value))));
  const length = g.emit("Squeeze", [asValue(g, lengthOf(g, g.x[0], axis))]);
  const indices = g.emit("Range", [scalar(0), length, scalar(1)]);
  return g.emit("Slice", [indices, start, end, g.int64([0]), step]);
}
