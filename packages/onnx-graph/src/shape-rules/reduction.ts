import { intAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { axesOf, axisFromFront, fromFront } from "./axes.ts";
import { type Known, type ShapeRule, type ShapeRules, typeOf, unknownLike } from "./known.ts";
import { productOf, sumOf } from "./lengths.ts";

const reduction: ShapeRule = (context) => {
  const { node, inputs } = context;
  const [x] = inputs;
  const keep = intAttribute(node.attributes, "keepdims", 1) === 1;
  const axes = axesOf(context, 1);
  if (x?.dims === undefined) return [unknownLike(x)];
  if (axes === undefined) {
    // Axes that are computed: how many there are may be known.
    const count = keep ? 0 : inputs[1]?.dims?.[0];
    const rank = keep || Number(count) > 0 ? x.dims.length - Number(count) : -1;
    return [{ ...unknownLike(x), ...(rank >= 0 && { dims: new Array<Dim>(rank).fill(null) }) }];
  }
  if (axes.length === 0 && intAttribute(node.attributes, "noop_with_empty_axes", 0) === 1) return [x];
  const reduced = new Set(axes.length === 0 ? x.dims.keys() : fromFront(axes, x.dims.length));
  const dims = without(x.dims, reduced, keep);
  return [
    { dtype: x.dtype, dims, elements: dims.every((dim) => dim === 1) ? folded(node.opType, x) : undefined },
  ];
};

/** What a sum or product over all of a shape's elements gives. */
function folded(opType: string, x: Known): readonly Dim[] | undefined {
  if (x.elements === undefined) return undefined;
  if (opType === "ReduceProd") return [productOf(x.elements)];
  return opType === "ReduceSum" ? [sumOf(x.elements)] : undefined;
}

function without(dims: readonly Dim[], axes: ReadonlySet<number>, keep: boolean): readonly Dim[] {
  return keep
    ? dims.map((dim, axis) => (axes.has(axis) ? 1 : dim))
    : dims.filter((_, axis) => !axes.has(axis));
}

const extremum: ShapeRule = ({ inputs: [x], node }) => {
  if (x?.dims === undefined) return [{ dtype: "int64", dims: undefined }];
  const axes = fromFront([intAttribute(node.attributes, "axis", 0)], x.dims.length);
  const keep = intAttribute(node.attributes, "keepdims", 1) === 1;
  return [{ dtype: "int64", dims: without(x.dims, new Set(axes), keep) }];
};

/** Values and their positions. */
const largest: ShapeRule = ({ inputs: [x, count], node }) => {
  const axis = x?.dims && axisFromFront(intAttribute(node.attributes, "axis", -1), x.dims.length);
  const length = count?.elements?.[0] ?? intAttribute(node.attributes, "k", -1);
  const dims = x?.dims?.map((dim, k) => (k !== axis ? dim : length === -1 ? null : length));
  return [
    { dtype: typeOf(x), dims },
    { dtype: "int64", dims },
  ];
};

const reductions = "Sum Mean Max Min Prod L1 L2 LogSum LogSumExp SumSquare".split(" ");

export const reductionRules: ShapeRules = {
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, reduction])),
  ArgMax: extremum,
  ArgMin: extremum,
  TopK: largest,
};
