import { intAttribute } from "../builder.ts";
import type { Node } from "../model.ts";
import { fromFront } from "../shape-rules/axes.ts";
import { type Known, numbersOf } from "../shape-rules/known.ts";

interface Operands {
  readonly node: Node;
  readonly inputs: readonly (Known | undefined)[];
  readonly output: Known;
  /** The axis of each input, and of the output, that counts the batch. */
  readonly axes: readonly (number | undefined)[];
  readonly outputAxis: number;
}

/** Whether a node treats every image by itself, where its output has one axis that counts the batch. */
type Check = (operands: Operands) => boolean;

const rankOf = (value: Known | undefined): number => value?.dims?.length ?? 0;

/** Counted from behind, as broadcasting does, the batch is the same axis everywhere. */
const aligned: Check = ({ inputs, output, axes, outputAxis }) =>
  axes.every((axis, k) => axis === undefined || rankOf(inputs[k]) - axis === rankOf(output) - outputAxis);

/** [N, C, …] with nothing but x (and perhaps a grid) that has a batch. */
const leading: Check = ({ axes, outputAxis }) =>
  outputAxis === 0 && axes.every((axis) => axis === undefined || axis === 0);

/** The axis that is gone along is another one. */
const otherAxis =
  (fallback: number): Check =>
  ({ node, inputs, axes }) =>
    fromFront([intAttribute(node.attributes, "axis", fallback)], rankOf(inputs[0]))[0] !== axes[0];

const layerNormalization: Check = ({ node, inputs, axes }) =>
  axes[0]! < fromFront([intAttribute(node.attributes, "axis", -1)], rankOf(inputs[0]))[0]!;

const cumulative: Check = ({ inputs, axes }) => {
  const axis = numbersOf(inputs[1])?.[0];
  return axis !== undefined && fromFront([axis], rankOf(inputs[0]))[0] !== axes[0];
};

/** The axis that is summed over is not the batch, and where both have a batch it is one and the same. */
const product: Check = ({ inputs, output, axes, outputAxis }) => {
  const [a, b] = axes;
  const fromBehind = rankOf(output) - outputAxis;
  const isRow = a === undefined || (a !== rankOf(inputs[0]) - 1 && rankOf(inputs[0]) - a === fromBehind);
  const isColumn = b === undefined || (b !== rankOf(inputs[1]) - 2 && rankOf(inputs[1]) - b === fromBehind);
  return isRow && isColumn && rankOf(inputs[0]) > 1 && rankOf(inputs[1]) > 1;
};

const gemm: Check = ({ node, axes, outputAxis }) =>
  outputAxis === 0 &&
  axes[0] === (intAttribute(node.attributes, "transA", 0) === 1 ? 1 : 0) &&
  axes[1] === undefined &&
  axes[2] !== 1;

/** What only moves, or takes away other axes: that the axis is still there says it all. */
const kept: Check = ({ axes }) => axes.slice(1).every((axis) => axis === undefined);

const joined: Check = ({ axes, outputAxis }) =>
  axes.every((axis) => axis === undefined || axis === outputAxis);

const gather: Check = ({ node, inputs, axes }) => {
  const [axis, places] = axes;
  // Items of a table, by the numbers that an image has.
  if (axis === undefined) return true;
  return (
    places === undefined &&
    fromFront([intAttribute(node.attributes, "axis", 0)], rankOf(inputs[0]))[0] !== axis
  );
};

const all = (names: string, check: Check) =>
  Object.fromEntries(names.split(" ").map((name) => [name, check]));

/** Operators that are known to; what is not listed may not. */
export const perImage: Readonly<Record<string, Check>> = {
  ...all(
    "Relu LeakyRelu PRelu Elu Selu Celu Gelu ThresholdedRelu Sigmoid HardSigmoid HardSwish Mish Swish",
    aligned,
  ),
  ...all(
    "Softplus Softsign Shrink Clip Erf Exp Log Sqrt Reciprocal Abs Neg Sign Floor Ceil Round Not",
    aligned,
  ),
  ...all(
    "Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh Identity Cast Dropout IsNaN IsInf",
    aligned,
  ),
  ...all("Add Sub Mul Div Pow Mod Max Min Sum Mean Equal Greater GreaterOrEqual Less LessOrEqual", aligned),
  ...all("And Or Xor Where Expand CastLike", aligned),
  ...all(
    "Conv ConvTranspose MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool",
    leading,
  ),
  ...all("BatchNormalization InstanceNormalization GroupNormalization LRN", leading),
  ...all("DepthToSpace SpaceToDepth GridSample Resize Upsample MaxUnpool", leading),
  ...all("Softmax LogSoftmax Hardmax LpNormalization", otherAxis(-1)),
  ...all("ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum", kept),
  ...all("ReduceLogSumExp ReduceSumSquare ArgMax ArgMin", kept),
  ...all("Reshape Flatten Squeeze Unsqueeze Transpose Slice Split Pad Tile", kept),
  LayerNormalization: layerNormalization,
  CumSum: cumulative,
  MatMul: product,
  Gemm: gemm,
  Concat: joined,
  Gather: gather,
};
