import { elementAt } from "@voxplain/core";
import type { Dim } from "@voxplain/onnx-graph";
import type { RuleContext } from "../rule.ts";

/** Puts step − 1 zeros behind each element along each axis, `dims` and `steps` being those of all axes. */
export function insertZeros(
  g: RuleContext,
  value: string,
  dims: readonly Dim[],
  steps: readonly number[],
): string {
  const first = steps.findIndex((step) => step !== 1);
  if (first < 0) return value;
  // A 0 keeps an axis of unknown length, but only in front of those that move.
  const kept = dims.slice(0, first).map(() => 0);
  const moved = dims.slice(first).map((length) => {
    if (typeof length === "number") return length;
    throw g.unsupported(`an axis of length ${length ?? "?"} would have to be fixed`);
  });
  const movedSteps = steps.slice(first);
  const apart = g.emit("Reshape", [value, g.int64([...kept, ...moved.flatMap((length) => [length, 1])])]);
  const nothing = [...kept, ...moved.flatMap(() => [0, 0])];
  const spread = padZeros(g, apart, nothing, [...kept, ...movedSteps.flatMap((step) => [0, step - 1])]);
  const longer = moved.map((length, axis) => length * elementAt(movedSteps, axis));
  return g.emit("Reshape", [spread, g.int64([...kept, ...longer])]);
}

/** Adds zeros (positive amounts) before and after each axis, or cuts elements off (negative ones). */
export function fitAxes(
  g: RuleContext,
  value: string,
  before: readonly number[],
  after: readonly number[],
): string {
  const zeros = (amount: number) => Math.max(0, amount);
  const cut = before.flatMap((amount, axis) => {
    const [front, back] = [zeros(-amount), zeros(-elementAt(after, axis))];
    return front === 0 && back === 0 ? [] : [{ axis, start: front, end: back === 0 ? endOfAxis : -back }];
  });
  const kept =
    cut.length === 0
      ? value
      : g.emit("Slice", [
          value,
          g.int64(cut.map(({ start }) => start)),
          g.int64(cut.map(({ end }) => end)),
          g.int64(cut.map(({ axis }) => axis)),
        ]);
  return padZeros(g, kept, before.map(zeros), after.map(zeros));
}

/** A Slice that ends here goes to the end, however long the axis is. */
export const endOfAxis = 2 ** 31 - 1;

function padZeros(
  g: RuleContext,
  value: string,
  before: readonly number[],
  after: readonly number[],
): string {
  if ([...before, ...after].every((amount) => amount === 0)) return value;
  return g.emit("Pad", [value, g.int64([...before, ...after])], { mode: "constant" });
}

/** Reverses axes. */
export function flip(g: RuleContext, value: string, axes: readonly number[]): string {
  const all = (number: number) => g.int64(axes.map(() => number));
  return g.emit("Slice", [value, all(-1), all(-(2 ** 31)), g.int64(axes), all(-1)]);
}
