import { elementCount } from "@voxplain/core";
import { intAttribute, intsAttribute } from "@voxplain/onnx-graph";
import { type GradientRules, none, type RuleContext, unary } from "../rule.ts";
import { constantNumbers, fromFront } from "./attributes.ts";

/** Axes that the node reduces, counted from the front. */
function reducedAxes(g: RuleContext): readonly number[] {
  const rank = g.dims(g.x[0]!).length;
  const given = g.x[1] ? constantNumbers(g, g.x[1]) : intsAttribute(g.node.attributes, "axes", []);
  if (given === undefined) throw g.unsupported("its axes are computed");
  if (given.length > 0) return given.map((axis) => fromFront(axis, rank)).sort((a, b) => a - b);
  const nothing = intAttribute(g.node.attributes, "noop_with_empty_axes", 0) === 1;
  return nothing ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** Every element had the same part in the sum: dy is stretched to the shape of x. */
function stretched(g: RuleContext, dy: string, axes: readonly number[]): string {
  const keep = intAttribute(g.node.attributes, "keepdims", 1) === 1 || axes.length === 0;
  const column = keep ? dy : g.emit("Unsqueeze", [dy, g.int64(axes)]);
  return g.emit("Expand", [column, g.shapeOf(g.x[0]!)]);
}

/** The number of elements along some axes, as a value of the type of x. */
export function elementsAlong(g: RuleContext, axes: readonly number[]): string {
  const x = g.x[0]!;
  const lengths = axes.map((axis) => g.dims(x)[axis]);
  if (lengths.every((length) => typeof length === "number")) return g.float(elementCount(lengths));
  const along = g.emit("Gather", [g.shapeOf(x), g.int64(axes)], { axis: 0 });
  return g.emit("CastLike", [g.emit("ReduceProd", [along], { keepdims: 0 }), x]);
}

export const reductionRules: GradientRules = {
  ReduceSum: unary((g, dy) => stretched(g, dy, reducedAxes(g))),
  ReduceMean: unary((g, dy) => {
    const axes = reducedAxes(g);
    return stretched(g, g.emit("Div", [dy, elementsAlong(g, axes)]), axes);
  }),
  ArgMax: none,
  ArgMin: none,
};
