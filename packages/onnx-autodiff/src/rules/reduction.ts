import { intAttribute, intsAttribute } from "@voxplain/onnx-graph";
import { type GradientRules, none, type RuleContext, unary } from "../rule.ts";

/** Axes that the node reduces, counted from the front. */
function reducedAxes(g: RuleContext): readonly number[] {
  const rank = g.dims(g.x[0]!).length;
  const given = g.x[1] ? g.constantOf(g.x[1]) : undefined;
  if (g.x[1] && given === undefined) throw g.unsupported("its axes are computed");
  const axes = given ?? intsAttribute(g.node.attributes, "axes", []);
  if (axes.length === 0 && intAttribute(g.node.attributes, "noop_with_empty_axes", 0) === 1) return [];
  return axes.length === 0
    ? Array.from({ length: rank }, (_, axis) => axis)
    : axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** Every element had the same part in the sum: dy is stretched to the shape of x. */
function stretched(g: RuleContext, dy: string, axes: readonly number[]): string {
  const keep = intAttribute(g.node.attributes, "keepdims", 1) === 1 || axes.length === 0;
  const column = keep ? dy : g.emit("Unsqueeze", [dy, g.int64([...axes].sort((a, b) => a - b))]);
  return g.emit("Expand", [column, g.shapeOf(g.x[0]!)]);
}

function elementsPerSum(g: RuleContext, axes: readonly number[]): number {
  return axes.reduce((count, axis) => {
    const length = g.dims(g.x[0]!)[axis];
    if (typeof length !== "number") throw g.unsupported(`the length of axis ${axis} is not fixed`);
    return count * length;
  }, 1);
}

export const reductionRules: GradientRules = {
  ReduceSum: unary((g, dy) => stretched(g, dy, reducedAxes(g))),
  ReduceMean: unary((g, dy) => {
    const axes = reducedAxes(g);
    return stretched(g, g.emit("Mul", [dy, g.scalar(1 / elementsPerSum(g, axes))]), axes);
  }),
  ArgMax: none,
  ArgMin: none,
};
