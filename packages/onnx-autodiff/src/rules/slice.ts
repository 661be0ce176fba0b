import { elementAt } from "@voxplain/core";
import { type RuleContext, unary } from "../rule.ts";
import { constantNumbers, fromFront } from "./attributes.ts";
import { unslice } from "./computed-slice.ts";
import { endOfAxis, fitAxes, flip, insertZeros } from "./zero-insertion.ts";

/** What a Slice leaves out of an axis. */
interface Omission {
  /** Elements before the first that is taken, in the order of x. */
  readonly before: number;
  /** Elements after the last one and the |step| − 1 that follow it; negative where there are fewer. */
  readonly after: number;
  readonly step: number;
}

const everything: Omission = { before: 0, after: 0, step: 1 };

/** Zeros around what was taken, and between its elements where the step was larger than 1. */
export const slice = unary((g, dy) => {
  const omissions = fixedOmissions(g);
  if (omissions === undefined) return unslice(g, dy);
  if (g.dims(g.y[0]).includes(0)) return g.zeros(g.shapeOf(g.x[0]));
  const reversed = omissions.flatMap(({ step }, axis) => (step < 0 ? [axis] : []));
  const forward = reversed.length === 0 ? dy : flip(g, dy, reversed);
  const apart = omissions.map(({ step }) => Math.abs(step));
  const spread = insertZeros(g, forward, g.dims(g.y[0]), apart);
  return fitAxes(
    g,
    spread,
    omissions.map(({ before }) => before),
    omissions.map(({ after }) => after),
  );
});

/** What is left out of each axis; undefined where that is not known before the graph runs. */
function fixedOmissions(g: RuleContext): readonly Omission[] | undefined {
  const [x, ...settings] = g.x;
  const [starts, ends, axes, steps] = settings.map((value) => constantNumbers(g, value));
  const computed = settings.some((value, k) => value !== "" && [starts, ends, axes, steps][k] === undefined);
  if (starts === undefined || ends === undefined || computed) return undefined;
  const dims = g.dims(x);
  const omissions = dims.map(() => everything);
  for (const [k, start] of starts.entries()) {
    const axis = fromFront(axes?.[k] ?? k, dims.length);
    const length = dims[axis];
    const found =
      typeof length === "number"
        ? omitted(start, elementAt(ends, k), steps?.[k] ?? 1, length)
        : omittedFromAny(start, elementAt(ends, k), steps?.[k] ?? 1);
    if (found === undefined) return undefined;
    omissions[axis] = found;
  }
  // Zeros can be put between elements only where the lengths from there on are fixed.
  const spread = omissions.findIndex(({ step }) => Math.abs(step) !== 1);
  const isFree =
    spread >= 0 &&
    g
      .dims(g.y[0])
      .slice(spread)
      .some((dim) => typeof dim !== "number");
  return isFree ? undefined : omissions;
}

function omitted(start: number, end: number, step: number, length: number): Omission {
  const clamp = (index: number, low: number, high: number) =>
    Math.min(Math.max(index < 0 ? index + length : index, low), high);
  const from = step > 0 ? clamp(start, 0, length) : clamp(start, 0, length - 1);
  const to = step > 0 ? clamp(end, 0, length) : clamp(end, -1, length - 1);
  const count = Math.max(0, Math.ceil((to - from) / step));
  const before = step > 0 ? from : from + (count - 1) * step;
  return { before, after: length - before - count * Math.abs(step), step };
}

/** The same for an axis of unknown length, where it can be said. */
function omittedFromAny(start: number, end: number, step: number): Omission | undefined {
  if (step !== 1 || start < 0 || (end >= 0 && end < endOfAxis)) return undefined;
  return { before: start, after: end < 0 ? -end : 0, step };
}
