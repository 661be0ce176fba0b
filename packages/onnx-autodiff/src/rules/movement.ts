import { intAttribute, intsAttribute } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, none, unary } from "../rule.ts";
import { fromFront } from "./attributes.ts";
import { asValue, type Length, lengthOf, sumOf } from "./lengths.ts";
import { slice } from "./slice.ts";

/** The same elements in the same order: dy gets the shape of x back. */
const reshaped = unary((g, dy) => {
  const from = g.dims(g.y[0]);
  const to = g.dims(g.x[0]);
  // 0 keeps an axis that stands where it stood; -1 stands for one axis that makes up for the others.
  const target = to.map((dim, axis) =>
    typeof dim === "number" ? dim : dim !== null && dim === from[axis] ? 0 : -1,
  );
  const isConstant = target.filter((length) => length === -1).length <= 1 && !to.includes(0);
  return g.emit("Reshape", [dy, isConstant ? g.int64(target) : g.shapeOf(g.x[0])]);
});

const transpose = unary((g, dy) => {
  const axes = g.dims(g.x[0]).map((_, axis) => axis);
  const order = intsAttribute(g.node.attributes, "perm", axes.toReversed());
  return g.emit("Transpose", [dy], { perm: axes.map((axis) => order.indexOf(axis)) });
});

const concat: GradientRule = (g, [dy]) => {
  const axis = fromFront(intAttribute(g.node.attributes, "axis", 0), g.dims(g.y[0]).length);
  let start: Length = 0;
  return g.x.map((x, input) => {
    const end = sumOf(g, start, lengthOf(g, x, axis));
    const range = [start, end, axis].map((place) => asValue(g, place));
    start = end;
    return dy === undefined || !g.wants(input) ? undefined : g.emit("Slice", [dy, ...range]);
  });
};

const split: GradientRule = (g, dy) => {
  const axis = intAttribute(g.node.attributes, "axis", 0);
  const parts = g.y.map((y, k) => dy[k] ?? g.zeros(g.shapeOf(y)));
  return [g.emit("Concat", parts, { axis })];
};

export const movementRules: GradientRules = {
  Flatten: reshaped,
  Reshape: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  // Their outputs change in steps, or do not depend on values.
  ...Object.fromEntries(
    "Shape Size Constant ConstantOfShape Range NonZero EyeLike".split(" ").map((name) => [name, none]),
  ),
};
