import { type ConvolutionBlock, elementAt } from "@voxplain/core";
import type { AcceptBlock } from "./leading-blocks.ts";

/** What is computed: the outputs alone, or the gradient at the input, which needs both passes. */
export type NetworkPass = "forward" | "gradient";

/** What computes the other layers: ONNX Runtime as a native library, or in WebAssembly, where it multiplies narrower vectors. */
export type Opponent = "native" | "wasm";

/**
 * Which of the first blocks kernels compute at least as fast as ONNX Runtime does, natively on a CPU with AVX-512, measured on one thread and
 * on two (README.md of `kernels` has the table). Where channels are few, ONNX Runtime spends its time on moving data, above all in the gradient:
 *
 * - gradients of 3D networks: 3×3×3 in steps of 1 behind up to 64 channels with max-pooling by 2, padded or not; other kernels up to 7×7×7, steps and
 *   windows of maxima; 3×3×3 in steps without pooling;
 * - gradients of 2D networks: 5×5 in steps of 1 behind up to 8 channels, to up to 16, with max-pooling; against WebAssembly 3×3 too;
 * - forward passes of 3D networks: 3×3×3 in steps of 1 with max-pooling by 2; natively behind up to 16 channels of images that are larger than
 *   patches.
 *
 * A convolution that keeps the grid's size is taken in front of another one only: values between the two are expensive to hand over.
 * ONNX Runtime is left what was slower: averages, 2D with many channels out or in steps, short rows, one axis.
 */
export const suitsKernels =
  (pass: NetworkPass, opponent: Opponent = "native"): AcceptBlock =>
  (block, dims, before) => {
    if (opponent === "native" && losesNatively(pass, block, dims, before)) return false;
    return (pass === "gradient" ? suitsGradient : suitsForward)(block, dims, before);
  };

/** Voxels of an image: a forward pass took 0.74 to 1.09 times as long at 50³, 1.3 times as long without kernels at 85×104×90. */
const fewestVoxels = 500_000;
/** Channels at the input of a block: behind the third of Conv5_FC3 kernels of a forward pass gain nothing more. */
const mostForward = 16;

/** Natively, with AVX-512, ONNX Runtime is as fast or faster for small images in a forward pass, and for 3×3 on slices. */
function losesNatively(
  pass: NetworkPass,
  { inputChannels, kernel }: ConvolutionBlock,
  dims: readonly number[],
  before: readonly ConvolutionBlock[],
): boolean {
  if (pass === "gradient") return kernel.length === 2 && all(kernel, 3);
  return inputChannels > mostForward || (before.length === 0 && product(dims) < fewestVoxels);
}

/**
 * Blocks of more channels are computed faster by ONNX Runtime, which multiplies with wider vectors. Behind two blocks of Conv5_FC3 at
 * 169×208×179 the third (16 channels) takes 21 ms by kernels instead of 39, the fourth (32) 14 instead of 18, the fifth (64) as long
 * (two threads, AVX-512); in WebAssembly all are faster by kernels.
 */
const mostChannels = 64;
/** Shorter rows leave vectors empty. */
const shortestRow = 16;
/** Winograd's kernels fill theirs with four cells of a pooling by two. */
const shortestPooledRow = 8;

const suitsGradient: AcceptBlock = (block, dims) => {
  if (!ordersMaxima(block)) return false;
  if (suitsWinograd(block, dims)) return true;
  if (elementAt(dims, dims.length - 1) < shortestRow) return false;
  if (dims.length === 3) return suits3d(block);
  return dims.length === 2 && suits2d(block);
};

function suits3d(block: ConvolutionBlock): boolean | "inside" {
  const { inputChannels, outputChannels, kernel, strides, pooling } = block;
  if (outputChannels > 64 || !isCube(kernel) || !isCube(strides)) return false;
  const taps = product(kernel);
  if (pooling) return inputChannels * taps <= 432;
  if (taps !== 27 || inputChannels > 16) return false;
  return elementAt(strides, 0) > 1 || "inside";
}

function suits2d({ inputChannels, outputChannels, kernel, strides, pooling }: ConvolutionBlock) {
  const fits = inputChannels <= 8 && outputChannels <= 16 && isCube(kernel) && elementAt(kernel, 0) <= 5;
  if (!fits || !all(strides, 1)) return false;
  return pooling !== undefined || "inside";
}

const suitsForward: AcceptBlock = (block, dims) => {
  const { inputChannels, kernel, strides, pooling } = block;
  if (dims.length !== 3 || !ordersMaxima(block)) return false;
  if (pooling) return suitsWinograd(block, dims);
  if (elementAt(dims, 2) < shortestRow || inputChannels > 8) return false;
  return all(kernel, 3) && all(strides, 1) && "inside";
};

/** Has a pooling, if any, maxima that the activation does not reorder, zeros in front of them, and few positions? */
function ordersMaxima({ slopes, pooling }: ConvolutionBlock): boolean {
  if (pooling === undefined) return true;
  const { kind, window, zerosBefore, zerosAfter, skippedBefore } = pooling;
  return (
    kind === "max" &&
    product(window) <= 64 &&
    (slopes ?? [1]).every((slope) => slope >= 0 && slope <= 1) &&
    zerosBefore.every((count, axis) => count === 0 || skippedBefore[axis] === 0) &&
    all(zerosAfter, 0)
  );
}

/** 3×3×3 in steps of 1 with max-pooling by 2, for which there is a faster convolution. */
function suitsWinograd(block: ConvolutionBlock, dims: readonly number[]): boolean {
  const { inputChannels, kernel, strides, padsBefore, padsAfter, pooling } = block;
  const pads = [...padsBefore, ...padsAfter];
  return (
    kernel.length === 3 &&
    inputChannels <= mostChannels &&
    elementAt(dims, 2) >= shortestPooledRow &&
    ordersMaxima(block) &&
    all(kernel, 3) &&
    (all(pads, 1) || all(pads, 0)) &&
    all(strides, 1) &&
    pooling !== undefined &&
    all([...pooling.window, ...pooling.strides], 2) &&
    all([...pooling.zerosAfter, ...pooling.skippedBefore, ...pooling.skippedAfter], 0) &&
    pooling.zerosBefore.every((count) => count <= 1)
  );
}

const all = (values: readonly number[], value: number) => values.every((v) => v === value);
const isCube = (values: readonly number[]) => all(values, elementAt(values, 0));
const product = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);
