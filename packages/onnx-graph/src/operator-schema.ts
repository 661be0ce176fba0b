import { VoxplainError } from "@voxplain/core";
import type { Attribute, Node } from "./model.ts";
import { type ByOperator, entryFor, forOperators, type OperatorNames } from "./operator-name.ts";

type Range = readonly [least: number, most: number];

const taking = <const Text extends string>(least: number, most: number, names: Text & OperatorNames<Text>) =>
  forOperators<Text, Range>(names, [least, most]);

/**
 * How many inputs each standard operator takes, in any operator set since 7; the first `least` cannot be left out.
 * From onnx.defs (ONNX 1.12), and the changelog for what came later.
 * https://github.com/onnx/onnx/blob/main/docs/Changelog.md
 */
const inputCounts: ByOperator<Range> = {
  ...taking(0, 0, "Constant RandomNormal RandomUniform"),
  ...taking(1, 1, "Abs Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh AveragePool Bernoulli BitwiseNot"),
  ...taking(1, 1, "BlackmanWindow Cast Ceil Celu ConcatFromSequence ConstantOfShape Cos Cosh DepthToSpace"),
  ...taking(1, 1, "Det DynamicQuantizeLinear Elu Erf Exp EyeLike Flatten Floor Gelu GlobalAveragePool"),
  ...taking(1, 1, "GlobalLpPool GlobalMaxPool HammingWindow HannWindow HardSigmoid HardSwish Hardmax"),
  ...taking(1, 1, "Identity If ImageDecoder IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization LpPool"),
  ...taking(1, 1, "MaxPool MeanVarianceNormalization Mish Multinomial Neg NonZero Not RandomNormalLike"),
  ...taking(1, 1, "RandomUniformLike Reciprocal RegexFullMatch Relu Round Selu Shape Shrink Sigmoid Sign"),
  ...taking(1, 1, "Sin Sinh Size Softmax Softplus Softsign SpaceToDepth Sqrt Swish Tan Tanh ThresholdedRelu"),
  ...taking(1, 1, "Transpose Unique"),
  ...taking(1, 2, "DFT ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin"),
  ...taking(1, 2, "ReduceProd ReduceSum ReduceSumSquare Split Squeeze TopK Trilu Unsqueeze Upsample"),
  ...taking(1, 3, "Clip Dropout"),
  ...taking(1, 4, "Pad Resize"),
  ...taking(1, 5, "Slice"),
  ...taking(1, Number.POSITIVE_INFINITY, "Concat Einsum Max Mean Min Sum"),
  ...taking(2, 2, "Add AffineGrid And BitShift BitwiseAnd BitwiseOr BitwiseXor CastLike CenterCropPad"),
  ...taking(2, 2, "Compress CumSum Div Equal Expand Gather GatherElements GatherND Greater GreaterOrEqual"),
  ...taking(2, 2, "GridSample Less LessOrEqual MatMul MaxRoiPool Mod Mul Or PRelu Pow Reshape"),
  ...taking(2, 2, "ReverseSequence Sub Tile Xor"),
  ...taking(2, 3, "Conv ConvTranspose DequantizeLinear Gemm LayerNormalization MaxUnpool"),
  ...taking(2, 3, "NegativeLogLikelihoodLoss QuantizeLinear SoftmaxCrossEntropyLoss"),
  ...taking(2, 4, "ConvInteger MatMulInteger STFT"),
  ...taking(2, 5, "NonMaxSuppression"),
  ...taking(2, Number.POSITIVE_INFINITY, "Loop"),
  ...taking(3, 3, "Col2Im GroupNormalization InstanceNormalization OneHot Range RoiAlign Scatter"),
  ...taking(3, 3, "ScatterElements ScatterND Where"),
  ...taking(3, 6, "GRU RNN"),
  ...taking(3, 8, "LSTM"),
  ...taking(5, 5, "BatchNormalization MelWeightMatrix"),
  ...taking(8, 8, "QLinearMatMul"),
  ...taking(8, 9, "QLinearConv"),
};

/** Inputs that became obligatory with an operator set, where they had been attributes or had not been. */
const leastSince: ByOperator<Range> = {
  Pad: [11, 2],
  Slice: [10, 3],
  TopK: [10, 2],
  Unsqueeze: [13, 2],
  Upsample: [9, 2],
};

const of = (kind: string, names: string): Readonly<Record<string, string>> =>
  Object.fromEntries(names.split(" ").map((name) => [name, kind]));

/** The type of each attribute of standard operators; a name has the same one wherever it stands. */
const attributeKinds: Readonly<Record<string, string>> = {
  ...of("float", "alpha beta bias clip cubic_coeff_a epsilon extrapolation_value gamma height_scale high"),
  ...of("float", "lambd low max mean min momentum ratio scale spatial_scale value_float width_scale"),
  ...of("floats", "activation_alpha activation_beta scales value_floats weights"),
  ...of("graph", "body else_branch then_branch"),
  ...of("int", "align_corners allowzero axis batch_axis batch_dims blocksize broadcast ceil_mode"),
  ...of("int", "center_point_box count_include_pad detect_negative detect_positive dtype end"),
  ...of("int", "exclude_outside exclusive fmod group hidden_size ignore_index input_forget inverse"),
  ...of("int", "is_case_sensitive is_test k keepdims largest layout linear_before_reset max_gram_length"),
  ...of("int", "max_skip_count min_gram_length new_axis noop_with_empty_axes num_scan_inputs onesided"),
  ...of("int", "output_datatype output_height output_sequence output_width p periodic reverse"),
  ...of("int", "sample_size sampling_ratio select_last_index size sorted spatial start stash_type"),
  ...of("int", "storage_order time_axis to training_mode transA transB upper value_int"),
  ...of("ints", "axes dilations directions ends kernel_shape ngram_counts ngram_indexes output_padding"),
  ...of("ints", "output_shape pads perm pool_int64s pooled_shape scan_input_axes scan_input_directions"),
  ...of("ints", "scan_output_axes scan_output_directions shape split starts strides value_ints"),
  ...of("string", "auto_pad case_change_action coordinate_transformation_mode direction equation locale"),
  ...of("string", "mode nearest_mode padding_mode reduction value_string"),
  ...of("strings", "activations pool_strings stopwords value_strings"),
};

/**
 * Compares a node of a standard operator with what the operator takes; of others nothing is known.
 * @throws VoxplainError `invalid-file` naming the node for too few or too many inputs, and attributes of another type.
 */
export function checkNode(node: Node, opset: number | undefined): void {
  const counts = entryFor(inputCounts, node);
  if (counts === undefined) return;
  const { opType, name, inputs, outputs, attributes } = node;
  const wrong = (what: string) =>
    new VoxplainError("invalid-file", `the graph is not sound: ${opType} "${name}" ${what}`);
  const [always, most] = counts;
  const [since, more] = entryFor(leastSince, node) ?? [Number.POSITIVE_INFINITY, always];
  const least = opset !== undefined && opset >= since ? more : always;
  const given = inputs.findLastIndex((input) => input !== "") + 1;
  if (given > most) throw wrong(`has ${given} inputs, but takes ${most} at most`);
  const missing = Array.from({ length: least }, (_, k) => inputs[k] ?? "").indexOf("");
  if (missing >= 0) throw wrong(`lacks its input number ${missing + 1} of at least ${least}`);
  if (outputs.length === 0) throw wrong("has no output");
  for (const [key, value] of Object.entries(attributes)) {
    const kind = Object.hasOwn(attributeKinds, key) ? attributeKinds[key] : undefined;
    if (kind !== undefined && !isOfKind(value, kind))
      throw wrong(`has an attribute "${key}" that is not of type ${kind}`);
  }
}

/** Empty lists have no type of their own where they are made in code. */
function isOfKind(value: Attribute, kind: string): boolean {
  if (kind in value) return true;
  return "ints" in value && value.ints.length === 0 && (kind === "floats" || kind === "strings");
}
