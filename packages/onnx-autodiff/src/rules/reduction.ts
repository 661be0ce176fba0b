import { elementCount } from "@voxplain/core";
import { type Attribute, intAttribute, intsAttribute } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, none, type RuleContext, unary } from "../rule.ts";
import { constantNumbers, fromFront } from "./attributes.ts";
import { divide, equal, exponential, greater, multiply, subtract, timesSign, where } from "./formula.ts";

/** The axes that a reduction is over, as an int64 value; undefined where none are named. */
function axesValue(g: RuleContext): string | undefined {
  if (g.x[1]) return constantNumbers(g, g.x[1])?.length === 0 ? undefined : g.x[1];
  const axes = intsAttribute(g.node.attributes, "axes", []);
  return axes.length === 0 ? undefined : g.int64(axes);
}

/** A value shaped like the output, with the reduced axes put back, so that it broadcasts over x. */
function kept(g: RuleContext, value: string): string {
  const axes = axesValue(g);
  const keep = intAttribute(g.node.attributes, "keepdims", 1) === 1;
  return keep || axes === undefined ? value : g.emit("Unsqueeze", [value, axes]);
}

/** The same reduction of another value of the shape of x, with the reduced axes kept. */
function reducedAlike(g: RuleContext, value: string): string {
  const attributes: Record<string, Attribute | number> = { ...g.node.attributes, keepdims: 1 };
  return g.emit(g.node.opType, [value, ...g.x.slice(1)], attributes);
}

/** A sum over the same axes, which are an input of ReduceSum in every operator set that is written. */
function summedAlike(g: RuleContext, value: string): string {
  const axes = axesValue(g);
  const noop = intAttribute(g.node.attributes, "noop_with_empty_axes", 0);
  return g.emit("ReduceSum", axes === undefined ? [value] : [value, axes], {
    keepdims: 1,
    noop_with_empty_axes: noop,
  });
}

/** A rule that gives, from dy shaped to broadcast over x, the cotangent of x. */
const reduction = (rule: (g: RuleContext, dy: string) => string): GradientRule =>
  unary((g, dy) => rule(g, kept(g, dy)));

const likeInput = (g: RuleContext, value: string) => g.emit("Expand", [value, g.shapeOf(g.x[0])]);

/** How many elements of x an element of the output is made of, as a value of the type of x. */
function membersOf(g: RuleContext): string {
  const x = g.x[0];
  const named = g.x[1] ? constantNumbers(g, g.x[1]) : intsAttribute(g.node.attributes, "axes", []);
  if (named === undefined) {
    const count = g.emit("Div", [g.emit("Size", [x]), g.emit("Size", [g.y[0]])]);
    return g.emit("CastLike", [count, x]);
  }
  const noop = intAttribute(g.node.attributes, "noop_with_empty_axes", 0) === 1;
  const rank = g.dims(x).length;
  const all = noop ? [] : Array.from({ length: rank }, (_, axis) => axis);
  return elementsAlong(g, named.length === 0 ? all : named.map((axis) => fromFront(axis, rank)));
}

/** The number of elements along some axes, as a value of the type of x. */
export function elementsAlong(g: RuleContext, axes: readonly number[]): string {
  const x = g.x[0];
  const lengths = axes.map((axis) => g.dims(x)[axis]);
  if (lengths.every((length) => typeof length === "number")) return g.float(elementCount(lengths));
  const along = g.emit("Gather", [g.shapeOf(x), g.int64(axes)], { axis: 0 });
  return g.emit("CastLike", [g.emit("ReduceProd", [along], { keepdims: 0 }), x]);
}

/** Elements that tie for the extremum have equal shares: as torch.amax. */
const extremum = reduction((g, dy) => {
  const chosen = equal(g, g.x[0], kept(g, g.y[0]));
  const ties = summedAlike(g, g.emit("CastLike", [chosen, g.x[0]]));
  return where(g, chosen, divide(g, dy, ties), 0);
});

/**
 * The product of the other elements: that of all that are not 0, divided by the element itself, unless
 * another one is 0.
 */
const product = reduction((g, dy) => {
  const x = g.x[0];
  const isZero = equal(g, x, 0);
  const zero = g.emit("CastLike", [isZero, x]);
  const replaced = where(g, isZero, 1, x);
  const others = divide(g, reducedAlike(g, replaced), replaced);
  const anotherIsZero = greater(g, subtract(g, summedAlike(g, zero), zero), 0);
  return multiply(g, dy, where(g, anotherIsZero, 0, others));
});

/** x/y, 0 where all are 0: as PyTorch. */
const euclidean = reduction((g, dy) => {
  const norm = kept(g, g.y[0]);
  const direction = where(g, equal(g, norm, 0), 0, divide(g, g.x[0], norm));
  return multiply(g, dy, direction);
});

export const reductionRules: GradientRules = {
  ReduceSum: reduction(likeInput),
  ReduceMean: reduction((g, dy) => likeInput(g, divide(g, dy, membersOf(g)))),
  ReduceMax: extremum,
  ReduceMin: extremum,
  ReduceProd: product,
  // The sign of x, 0 at 0.
  ReduceL1: reduction((g, dy) => timesSign(g, dy, g.x[0])),
  ReduceL2: euclidean,
  // 1/Σx: finite where the logarithm itself is that of a negative number.
  ReduceLogSum: reduction((g, dy) => likeInput(g, divide(g, dy, summedAlike(g, g.x[0])))),
  // exp(x − y)
  ReduceLogSumExp: reduction((g, dy) =>
    multiply(g, dy, exponential(g, subtract(g, g.x[0], kept(g, g.y[0])))),
  ),
  ReduceSumSquare: reduction((g, dy) => multiply(g, multiply(g, dy, 2), g.x[0])),
  ArgMax: none,
  ArgMin: none,
};
