import { elementAt, elementCount } from "@voxplain/core";
import { type Dim, type Model, type Node, type Window, windowOf } from "@voxplain/onnx-graph";
import type { GraphView } from "./graph-view.ts";
import { type Rewriting, rewrite } from "./rewrite.ts";

export interface PartialSumOptions {
  /** Convolutions with this many multiplications per image or more stay as they are. */
  readonly multiplications: number;
}

/** Fewer products are added as exactly in one row. */
const worthSplitting = 64;

/**
 * A small convolution of the gradient as one matrix product for each place of the kernel, summed in pairs. ONNX
 * Runtime adds all products of a voxel, channels × kernel, one after the other, and the rounding error grows with the
 * square root of their number. PyTorch computes the gradient of small convolutions place by place. Without this pass
 * the gradients of small networks are off by up to 1.6 times as much as PyTorch's float32, with it by 0.7 to 1.0 times
 * as much. It costs some milliseconds for each network; forward passes are as exact as PyTorch's without it.
 */
export function partialSums(model: Model, { multiplications }: PartialSumOptions): Model {
  return rewrite(model, (view, rewriting) => {
    const transposed = transposedConstants(view);
    for (const node of view.nodes) {
      // The gradient of a convolution exchanges the channels of its weights; forward passes have them as they are stored.
      if (!transposed.has(node.inputs[1] ?? "")) continue;
      const convolution = plainConvolution(view, node);
      if (convolution === undefined) continue;
      const { inputs, outputs, output, window } = convolution;
      const products = inputs * elementCount(window.kernel);
      if (products <= worthSplitting || elementCount(window.kernel) === 1) continue;
      if (products * outputs * elementCount(output) < multiplications) byPlace(rewriting, convolution);
    }
  });
}

/** A convolution of one group and stride 1, with constant weights and known lengths. */
interface PlainConvolution {
  readonly node: Node;
  /** Channels. */
  readonly inputs: number;
  readonly outputs: number;
  /** Spatial lengths of the result. */
  readonly output: readonly number[];
  readonly window: Window;
}

function plainConvolution(view: GraphView, node: Node): PlainConvolution | undefined {
  if (node.opType !== "Conv" || node.domain !== "") return undefined;
  const [x = "", weight = "", bias] = node.inputs;
  const [, channels, ...lengths] = view.dims(x) ?? [];
  const [outputs, inputs, ...kernel] = view.dims(weight) ?? [];
  const output = view.dims(node.outputs[0])?.slice(2) ?? [];
  if (!areKnown([channels, outputs, inputs]) || inputs !== channels) return undefined;
  if (!areKnown(kernel) || !areKnown(lengths) || !areKnown(output) || kernel.length === 0) return undefined;
  if (!view.isConstant(weight) || (bias && !view.isConstant(bias)) || !view.isFloat32(x)) return undefined;
  const window = windowOf(node.attributes, kernel, lengths);
  if (window.strides.some((stride) => stride !== 1)) return undefined;
  return { node, inputs: inputs as number, outputs: outputs as number, output, window };
}

/** Constants that a Transpose took part in. */
function transposedConstants(view: GraphView): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { opType, inputs, outputs } of view.nodes) {
    if (opType !== "Transpose" && !inputs.some((input) => found.has(input))) continue;
    for (const output of outputs) if (view.isConstant(output)) found.add(output);
  }
  return found;
}

function areKnown(lengths: readonly (Dim | undefined)[]): lengths is readonly number[] {
  return lengths.every((length) => typeof length === "number");
}

function byPlace(
  { builder, add, remove }: Rewriting,
  { node, inputs, outputs, output, window }: PlainConvolution,
) {
  const { kernel, dilations, padsBefore, padsAfter } = window;
  const [x, weight, bias] = node.inputs as [string, string, string?];
  const axes = kernel.map((_, axis) => axis);
  const ones = axes.map(() => 1);
  remove(node);
  const pads = [0, 0, ...padsBefore, 0, 0, ...padsAfter];
  const padded = pads.some((amount) => amount !== 0) ? add(node, "Pad", [x, builder.int64(pads)]) : x;
  // [Co, Ci, k…] → [k…, Co, Ci] → [places·Co, Ci, 1…]
  const placesFirst = add(node, "Transpose", [weight], { perm: [...axes.map((axis) => axis + 2), 0, 1] });
  const stacked = add(node, "Reshape", [
    placesFirst,
    builder.int64([elementCount(kernel) * outputs, inputs, ...ones]),
  ]);
  const products = add(node, "Conv", [padded, stacked], { kernel_shape: ones });
  const axesOfSlice = builder.int64([1, ...axes.map((axis) => axis + 2)]);
  let sums = placesOf(kernel).map((place, k) => {
    const start = place.map((at, axis) => at * elementAt(dilations, axis));
    return add(node, "Slice", [
      products,
      builder.int64([k * outputs, ...start]),
      builder.int64([(k + 1) * outputs, ...start.map((at, axis) => at + elementAt(output, axis))]),
      axesOfSlice,
    ]);
  });
  const isLast = () => sums.length === 2 && !bias;
  while (sums.length > 1) {
    const name = isLast() ? node.outputs[0] : undefined;
    sums = sums.flatMap((first, k) => {
      if (k % 2 === 1) return [];
      const second = sums[k + 1];
      return second === undefined ? first : add(node, "Add", [first, second], {}, name);
    });
  }
  if (bias) {
    const column = add(node, "Reshape", [bias, builder.int64([-1, ...ones])]);
    add(node, "Add", [elementAt(sums, 0), column], {}, node.outputs[0]);
  }
}

/** Every place of a kernel, the last axis fastest. */
function placesOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, at) => [...place, at])),
    [[]],
  );
}
