import { intAttribute, intsAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, none, type RuleContext, unary } from "../rule.ts";

/** The same elements in the same order: dy gets the shape of x back. */
const reshaped = unary((g, dy) => g.emit("Reshape", [dy, g.shapeOf(g.x[0]!)]));

const transpose = unary((g, dy) => {
  const rank = g.dims(g.x[0]!).length;
  const order = intsAttribute(
    g.node.attributes,
    "perm",
    Array.from({ length: rank }, (_, k) => rank - 1 - k),
  );
  const inverse = Array.from(order, (_, axis) => order.indexOf(axis));
  return g.emit("Transpose", [dy], { perm: inverse });
});

/** Takes `count` elements from `start` along each of some axes. */
export function slice(
  g: RuleContext,
  value: string,
  ranges: readonly { readonly axis: number; readonly start: number; readonly count: number }[],
): string {
  if (ranges.length === 0) return value;
  return g.emit("Slice", [
    value,
    g.int64(ranges.map(({ start }) => start)),
    g.int64(ranges.map(({ start, count }) => start + count)),
    g.int64(ranges.map(({ axis }) => axis)),
  ]);
}

/** Adds zeros before and after along each axis. */
export function padZeros(
  g: RuleContext,
  value: string,
  before: readonly number[],
  after: readonly number[],
): string {
  if ([...before, ...after].every((amount) => amount === 0)) return value;
  return g.emit("Pad", [value, g.int64([...before, ...after])], { mode: "constant" });
}

const concat: GradientRule = (g, [dy]) => {
  const rank = g.dims(g.y[0]!).length;
  const given = intAttribute(g.node.attributes, "axis", 0);
  const axis = given < 0 ? given + rank : given;
  let start = 0;
  return g.x.map((x, input) => {
    const count = g.dims(x)[axis];
    if (typeof count !== "number")
      throw g.unsupported(`the length of "${x}" along axis ${axis} is not fixed`);
    const range = { axis, start, count };
    start += count;
    return dy === undefined || !g.wants(input) ? undefined : slice(g, dy, [range]);
  });
};

const split: GradientRule = (g, dy) => {
  const axis = intAttribute(g.node.attributes, "axis", 0);
  const parts = g.y.map((y, k) => dy[k] ?? g.emit("ConstantOfShape", [g.shapeOf(y)]));
  return [g.emit("Concat", parts, { axis })];
};

/** Zeros around the part that was taken, and between its elements where the step is larger than 1. */
const sliceRule = unary((g, dy) => {
  const [x, ...settings] = g.x;
  const [starts, ends, axes, steps] = settings.map((value) => g.constantOf(value));
  if (starts === undefined || ends === undefined) throw g.unsupported("its starts and ends are computed");
  const dims = g.dims(x!);
  const along = axes ?? starts.map((_, k) => k);
  const before = new Array<number>(dims.length).fill(0);
  const after = new Array<number>(dims.length).fill(0);
  for (const [k, given] of along.entries()) {
    const axis = given < 0 ? given + dims.length : given;
    const length = dims[axis];
    const step = steps?.[k] ?? 1;
    if (typeof length !== "number")
      throw g.unsupported(`the length of "${x}" along axis ${axis} is not fixed`);
    if (step !== 1) throw g.unsupported(`its step is ${step}`);
    const clamp = (index: number) => Math.min(Math.max(index < 0 ? index + length : index, 0), length);
    before[axis] = clamp(starts[k]!);
    after[axis] = length - Math.max(clamp(ends[k]!), before[axis]!);
  }
  return padZeros(g, dy, before, after);
});

/** The padding had no part in x: it is cut off again; where x was cropped, zeros come back. */
const pad = unary((g, dy) => {
  if (stringAttribute(g.node.attributes, "mode", "constant") !== "constant") {
    throw g.unsupported("only padding with a constant is");
  }
  const pads = g.constantOf(g.x[1]);
  if (pads === undefined) throw g.unsupported("its pads are computed");
  const rank = g.dims(g.x[0]!).length;
  const amounts = pads.map((amount) => -amount);
  const axes = g.constantOf(g.x[3]);
  const along = axes ?? Array.from({ length: rank }, (_, axis) => axis);
  const full = new Array<number>(2 * rank).fill(0);
  for (const [k, axis] of along.entries()) {
    full[axis < 0 ? axis + rank : axis] = amounts[k]!;
    full[(axis < 0 ? axis + rank : axis) + rank] = amounts[k + along.length]!;
  }
  const before = full.slice(0, rank);
  const after = full.slice(rank);
  const cut = before.flatMap((amount, axis) => {
    const [front, back] = [Math.max(0, -amount), Math.max(0, -after[axis]!)];
    if (front === 0 && back === 0) return [];
    return [{ axis, front, back }];
  });
  const kept =
    cut.length === 0
      ? dy
      : g.emit("Slice", [
          dy,
          g.int64(cut.map(({ front }) => front)),
          g.int64(cut.map(({ back }) => (back === 0 ? endOfAxis : -back))),
          g.int64(cut.map(({ axis }) => axis)),
        ]);
  const positive = (amount: number) => Math.max(0, amount);
  return padZeros(g, kept, before.map(positive), after.map(positive));
});

/** A Slice ends here when it goes to the end, however long the axis is. */
const endOfAxis = 2 ** 31 - 1;

export const movementRules: GradientRules = {
  Flatten: reshaped,
  Reshape: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: sliceRule,
  Pad: pad,
  Expand: unary((g, dy) => g.unbroadcast(dy, g.y[0]!, g.x[0]!)),
  Shape: none,
  Size: none,
  ConstantOfShape: none,
};
