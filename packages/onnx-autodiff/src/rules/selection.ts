import { intAttribute } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, inputOf, unary } from "../rule.ts";
import { fromFront } from "./attributes.ts";
import { alongAxis, putAt } from "./gather.ts";

/** dy goes where the largest elements were; their positions have no gradient. */
const topK: GradientRule = (g, [dy]) => {
  if (dy === undefined || !g.wants(0)) return [];
  const axis = intAttribute(g.node.attributes, "axis", -1);
  return [putAt(g, g.zeros(g.shapeOf(g.x[0])), g.extraOutput(1), dy, axis)];
};

/** dy goes where the condition is true; without an axis x was flattened before. */
const compress = unary((g, dy) => {
  const [x, condition] = [g.x[0], inputOf(g, 1)];
  const flat = !("axis" in g.node.attributes);
  const rank = flat ? 1 : g.dims(x).length;
  const axis = fromFront(intAttribute(g.node.attributes, "axis", 0), rank);
  const places = alongAxis(g, g.emit("NonZero", [condition]), dy, axis, rank);
  const shape = g.shapeOf(x);
  if (!flat) return putAt(g, g.zeros(shape), places, dy, axis);
  const elements = g.emit("ReduceProd", [shape], { keepdims: 1 });
  return g.emit("Reshape", [putAt(g, g.zeros(elements), places, dy, 0), shape]);
});

/** values: [elsewhere, at the index]; each gets the sum of dy over the places where it stands. */
const oneHot: GradientRule = (g, [dy]) => {
  if (dy === undefined || !g.wants(2)) return [];
  const [indices, depth] = [g.x[0], inputOf(g, 1)];
  const axis = intAttribute(g.node.attributes, "axis", -1);
  const sumWhere = (elsewhere: number, there: number) => {
    const places = g.emit("OneHot", [indices, depth, g.float([elsewhere, there])], { axis });
    const sum = g.emit("ReduceSum", [g.emit("Mul", [dy, places])], { keepdims: 0 });
    return g.emit("Reshape", [sum, g.int64([1])]);
  };
  return [undefined, undefined, g.emit("Concat", [sumWhere(1, 0), sumWhere(0, 1)], { axis: 0 })];
};

export const selectionRules: GradientRules = { TopK: topK, Compress: compress, OneHot: oneHot };
