import { elementAt } from "@voxplain/core";
import { normalizesByBatch } from "../batch-statistics.ts";
import { intAttribute, intsAttribute, stringAttribute } from "../builder.ts";
import {
  arithmeticOperators,
  comparisonOperators,
  truthOperators,
  unaryOperators,
} from "../elementwise-operators.ts";
import type { Node } from "../model.ts";
import { type ByOperator, forOperators } from "../operator-name.ts";
import { axisFromFront, fromFront } from "../shape-rules/axes.ts";
import { einsumTerms } from "../shape-rules/einsum.ts";
import { type Known, numbersOf } from "../shape-rules/known.ts";

interface Operands {
  readonly node: Node;
  readonly inputs: readonly (Known | undefined)[];
  readonly output: Known;
  /** The axis of each input, and of the output, that counts the batch. */
  readonly axes: readonly (number | undefined)[];
  readonly outputAxis: number;
}

/**
 * Whether a node treats every image by itself, where its output has one axis that counts the batch and the lengths
 * of all others are numbers.
 */
type Check = (operands: Operands) => boolean;

const rankOf = (value: Known | undefined): number => value?.dims?.length ?? 0;

/** No input but the first (or the first `count`) holds images. */
const alone = (axes: Operands["axes"], count = 1): boolean =>
  axes.slice(count).every((axis) => axis === undefined);

/**
 * Counted from behind, as broadcasting does, the batch is the same axis everywhere, and what is no image does not
 * have an element for each image there.
 */
const aligned: Check = ({ inputs, output, axes, outputAxis }) =>
  axes.every((axis, k) => {
    const place = rankOf(inputs[k]) - (rankOf(output) - outputAxis);
    if (axis !== undefined) return axis === place;
    const length = inputs[k]?.dims?.[place];
    return typeof length !== "number" || length === 1;
  });

/** [N, C, …], where the first `count` inputs may hold images, and nothing else does. */
const leading =
  (count = 1): Check =>
  ({ axes, outputAxis }) =>
    outputAxis === 0 && alone(axes, count) && axes.every((axis) => axis === undefined || axis === 0);

/** The statistics are those of the training. */
const batchNormalization: Check = (operands) => !normalizesByBatch(operands.node) && leading()(operands);

/** Nothing is drawn at random. */
const dropout: Check = (operands) => {
  const [, ratio, training] = operands.inputs;
  const isIdle = training === undefined || numbersOf(training)?.[0] === 0 || numbersOf(ratio)?.[0] === 0;
  return isIdle && aligned(operands);
};

/** Places are not those of a box, which has sides along the batch too. */
const resize: Check = (operands) =>
  stringAttribute(operands.node.attributes, "coordinate_transformation_mode", "half_pixel") !==
    "tf_crop_and_resize" && leading()(operands);

/** The axis that is gone along is another one. */
const otherAxis =
  (fallback: number): Check =>
  ({ node, inputs, axes }) =>
    alone(axes) &&
    axisFromFront(intAttribute(node.attributes, "axis", fallback), rankOf(inputs[0])) !== axes[0];

const layerNormalization: Check = ({ node, inputs, axes }) => {
  const first = axisFromFront(intAttribute(node.attributes, "axis", -1), rankOf(inputs[0]));
  return alone(axes) && isBefore(axes[0], first);
};

const isBefore = (axis: number | undefined, limit: number | undefined): boolean =>
  axis !== undefined && limit !== undefined && axis < limit;

const meanVariance: Check = ({ node, inputs, axes: [axis] }) =>
  axis === undefined ||
  !fromFront(intsAttribute(node.attributes, "axes", [0, 2, 3]), rankOf(inputs[0])).includes(axis);

const cumulative: Check = ({ inputs, axes }) => {
  const axis = numbersOf(inputs[1])?.[0];
  return axis !== undefined && fromFront([axis], rankOf(inputs[0]))[0] !== axes[0];
};

/** A triangle of the matrices in the last two axes. */
const triangle: Check = ({ inputs, axes }) => alone(axes) && isBefore(axes[0], rankOf(inputs[0]) - 2);

/** The axis that is summed over is not the batch, and where both have a batch it is one and the same. */
const product: Check = ({ inputs, output, axes, outputAxis }) => {
  const [a, b] = axes;
  const fromBehind = rankOf(output) - outputAxis;
  const isRow = a === undefined || (a !== rankOf(inputs[0]) - 1 && rankOf(inputs[0]) - a === fromBehind);
  const isColumn = b === undefined || (b !== rankOf(inputs[1]) - 2 && rankOf(inputs[1]) - b === fromBehind);
  return isRow && isColumn && rankOf(inputs[0]) > 1 && rankOf(inputs[1]) > 1;
};

/** The bias is broadcast over the rows, which are the images. */
const gemm: Check = ({ node, inputs, axes, outputAxis }) =>
  outputAxis === 0 &&
  axes[0] === (intAttribute(node.attributes, "transA", 0) === 1 ? 1 : 0) &&
  axes[1] === undefined &&
  (axes[2] === undefined || rankOf(inputs[2]) - axes[2] === 2);

/** The letter of the batch is the same wherever there is one, and is not summed over. */
const einsum: Check = ({ node, inputs, axes, output, outputAxis }) => {
  const equation = stringAttribute(node.attributes, "equation", "");
  const terms = einsumTerms(equation, inputs.map(rankOf));
  const letter = elementAt(terms.output, outputAxis);
  const isOnce = (term: string) => term.indexOf(letter) === term.lastIndexOf(letter);
  return (
    terms.output.length === rankOf(output) &&
    terms.inputs.every((term, k) =>
      axes[k] === undefined ? !term.includes(letter) : term[axes[k]] === letter && isOnce(term),
    )
  );
};

/** What only moves, or takes away other axes: that the axis is still there says it all. */
const kept: Check = ({ axes }) => alone(axes);

const joined: Check = ({ axes, outputAxis }) => axes.every((axis) => axis === outputAxis);

const gather: Check = ({ node, inputs, axes }) => {
  const [axis, places] = axes;
  // Items of a table, by the numbers that an image has.
  if (axis === undefined) return true;
  return (
    places === undefined &&
    axisFromFront(intAttribute(node.attributes, "axis", 0), rankOf(inputs[0])) !== axis
  );
};

/** Every image has places of its own, or items of its own. */
const gatherND: Check = ({ node, axes }) => {
  const [axis, places] = axes;
  const shared = intAttribute(node.attributes, "batch_dims", 0);
  if (axis === undefined) return places !== undefined && shared === 0;
  return axis === places && axis < shared;
};

/** Along another axis, with places (and updates) of every image. */
const elementsAlong: Check = ({ node, inputs, axes, outputAxis }) =>
  axes.every((axis) => axis === outputAxis) &&
  axisFromFront(intAttribute(node.attributes, "axis", 0), rankOf(inputs[0])) !== outputAxis;

/** Operators that are known to; what is not listed may not. */
export const perImage: ByOperator<Check> = {
  ...forOperators(unaryOperators, aligned),
  ...forOperators(arithmeticOperators, aligned),
  ...forOperators(comparisonOperators, aligned),
  ...forOperators(truthOperators, aligned),
  ...forOperators("Identity Cast CastLike Where Expand", aligned),
  ...forOperators("Conv ConvTranspose ConvInteger MaxPool AveragePool LpPool", leading()),
  ...forOperators("GlobalAveragePool GlobalMaxPool GlobalLpPool", leading()),
  ...forOperators("InstanceNormalization GroupNormalization LRN", leading()),
  ...forOperators("DepthToSpace SpaceToDepth", leading()),
  ...forOperators("GridSample MaxUnpool", leading(2)),
  ...forOperators("Softmax LogSoftmax Hardmax LpNormalization TopK", otherAxis(-1)),
  ...forOperators("ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum", kept),
  ...forOperators("ReduceLogSumExp ReduceSumSquare ArgMax ArgMin OneHot", kept),
  ...forOperators("Reshape Flatten Squeeze Unsqueeze Transpose Slice Split Pad Tile", kept),
  ...forOperators("GatherElements ScatterElements", elementsAlong),
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  MeanVarianceNormalization: meanVariance,
  CumSum: cumulative,
  Dropout: dropout,
  Resize: resize,
  Trilu: triangle,
  MatMul: product,
  Gemm: gemm,
  Einsum: einsum,
  Concat: joined,
  Gather: gather,
  GatherND: gatherND,
};
