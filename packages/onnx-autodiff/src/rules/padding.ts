import { elementAt } from "@voxplain/core";
import { reduce, stringAttribute } from "@voxplain/onnx-graph";
import type { GradientRule, GradientRules, RuleContext } from "../rule.ts";
import { constantNumbers, fromFront } from "./attributes.ts";
import { fitAxes, flip } from "./zero-insertion.ts";

const modeOf = (g: RuleContext) => stringAttribute(g.node.attributes, "mode", "constant");

const pad: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const fillsIn = g.wants(2) && modeOf(g) === "constant";
  return [g.wants(0) ? ofImage(g, dy) : undefined, undefined, fillsIn ? ofFiller(g, dy) : undefined];
};

/**
 * What was padded with a number is cut off again; where x was cropped, zeros come back. What was padded
 * with elements of x (reflect, edge, wrap) goes back to those. Cropping comes first in the forward pass.
 */
function ofImage(g: RuleContext, dy: string): string {
  const mode = modeOf(g);
  const { before, after } = padsOf(g);
  const negated = (amounts: readonly number[]) => amounts.map((amount) => -amount);
  if (mode === "constant") return fitAxes(g, dy, negated(before), negated(after));
  const folded = before.reduce((value, front, axis) => {
    const added = { front: Math.max(0, front), back: Math.max(0, elementAt(after, axis)) };
    if (added.front + added.back === 0) return value;
    const length = g.dims(g.x[0])[axis];
    if (typeof length !== "number")
      throw g.unsupported(`the length of "${g.x[0]}" along axis ${axis} is not fixed`);
    const cropped = length + Math.min(0, front) + Math.min(0, elementAt(after, axis));
    return fold(g, value, axis, runsOf(sources(g, mode, cropped, added)), cropped);
  }, dy);
  const cropped = (amounts: readonly number[]) => amounts.map((amount) => Math.max(0, -amount));
  return fitAxes(g, folded, cropped(before), cropped(after));
}

/** The number that stands in the padding gets the sum of dy there. */
function ofFiller(g: RuleContext, dy: string): string {
  const [x, pads, filler, ...axes] = g.x as [string, string, string, ...string[]];
  const isPadding = g.emit("Pad", [g.zeros(g.shapeOf(x)), pads, g.float(1), ...axes], { mode: "constant" });
  const sum = g.emit("ReduceSum", [g.emit("Mul", [dy, isPadding])], { keepdims: 0 });
  return g.emit("Reshape", [sum, g.shapeOf(filler)]);
}

function padsOf(g: RuleContext): { before: readonly number[]; after: readonly number[] } {
  const pads = constantNumbers(g, g.x[1]);
  if (pads === undefined) throw g.unsupported("its pads are computed");
  const dims = g.dims(g.x[0]);
  const axes = g.x[3] ? constantNumbers(g, g.x[3]) : [...dims.keys()];
  if (axes === undefined) throw g.unsupported("its axes are computed");
  const before = dims.map(() => 0);
  const after = dims.map(() => 0);
  for (const [k, axis] of axes.entries()) {
    before[fromFront(axis, dims.length)] = elementAt(pads, k);
    after[fromFront(axis, dims.length)] = elementAt(pads, k + axes.length);
  }
  return { before, after };
}

/** No axis of an image is longer; pads of a damaged file may be. */
const longest = 2 ** 16;

/** For every element of the padded axis, where in the axis it is from. */
function sources(
  g: RuleContext,
  mode: string,
  length: number,
  { front, back }: { front: number; back: number },
): readonly number[] {
  const modulo = (index: number, period: number) => ((index % period) + period) % period;
  const sourceOf: Readonly<Record<string, (index: number) => number>> = {
    edge: (index) => Math.min(Math.max(index, 0), length - 1),
    wrap: (index) => modulo(index, length),
    reflect: (index) => {
      const around = modulo(index, 2 * (length - 1));
      return Math.min(around, 2 * (length - 1) - around);
    },
  };
  const find = Object.hasOwn(sourceOf, mode) ? sourceOf[mode] : undefined;
  if (find === undefined) throw g.unsupported(`its mode "${mode}" is not known`);
  if (length < (mode === "reflect" ? 2 : 1)) throw g.unsupported(`an axis of ${length} cannot be padded`);
  const padded = front + length + back;
  if (padded > longest) throw g.unsupported(`an axis of ${padded} is too long`);
  return Array.from({ length: padded }, (_, k) => find(k - front));
}

/** Elements of the padded axis that are from places in a row, forwards or backwards, or all from one. */
interface Run {
  readonly start: number;
  readonly count: number;
  readonly step: number;
  /** The first of the places. */
  readonly place: number;
}

function runsOf(places: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  for (let start = 0; start < places.length; ) {
    const step = (places[start + 1] ?? elementAt(places, start) + 1) - elementAt(places, start);
    // A jump ends a run of one.
    const isRow = Math.abs(step) <= 1;
    let end = start + 1;
    while (isRow && end < places.length && elementAt(places, end) - elementAt(places, end - 1) === step)
      end++;
    const place = Math.min(elementAt(places, start), elementAt(places, end - 1));
    runs.push({ start, count: end - start, step: isRow ? step : 1, place });
    start = end;
  }
  return runs;
}

function fold(g: RuleContext, dy: string, axis: number, runs: readonly Run[], length: number): string {
  const only = (amount: number) => g.dims(g.x[0]).map((_, each) => (each === axis ? amount : 0));
  const parts = runs.map(({ start, count, step, place }) => {
    const taken = g.emit("Slice", [dy, g.int64([start]), g.int64([start + count]), g.int64([axis])]);
    const turned = step < 0 ? flip(g, taken, [axis]) : taken;
    const placed = step === 0 ? reduce(g, "ReduceSum", turned, [axis], true) : turned;
    return fitAxes(g, placed, only(place), only(length - place - (step === 0 ? 1 : count)));
  });
  return parts.reduce((sum, part) => g.emit("Add", [sum, part]));
}

export const paddingRules: GradientRules = { Pad: pad };
