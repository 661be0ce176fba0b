import type { BlockPooling, ConvolutionBlock } from "@voxplain/core";
import { geometryOf, imageDims, product } from "../src/geometry.ts";
import { blockKernels } from "../src/index.ts";
import { referenceBlocks } from "./reference.ts";

/** Numbers from 0 to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export const fill = (length: number, value: () => number) => Float32Array.from({ length }, value);

/** The poolings of networks, by name, for an input of lengths `dims`. */
export const poolings = {
  none: () => undefined,
  /** Zeros in front where a length is odd (ClinicaDL's PadMaxPool). */
  padded: (dims) => pooling(dims, "max", 2, { zerosBefore: dims.map((n) => n % 2) }),
  floor: (dims) => pooling(dims, "max", 2, {}),
  ceil: (dims) => pooling(dims, "max", 2, { roundUp: true }),
  average: (dims) => pooling(dims, "average", 2, {}),
  /** That of ResNet: windows overlap, the pooling's own padding. */
  overlapping: (dims) =>
    pooling(dims, "max", 3, { skippedBefore: dims.map(() => 1), skippedAfter: dims.map(() => 1) }),
  overlappingAverage: (dims) =>
    pooling(dims, "average", 3, { skippedBefore: dims.map(() => 1), skippedAfter: dims.map(() => 1) }),
} satisfies Record<string, (dims: readonly number[]) => BlockPooling | undefined>;

function pooling(
  dims: readonly number[],
  kind: BlockPooling["kind"],
  window: number,
  other: Partial<BlockPooling>,
): BlockPooling {
  const none = dims.map(() => 0);
  return {
    kind,
    window: dims.map(() => window),
    strides: dims.map(() => 2),
    zerosBefore: none,
    zerosAfter: none,
    skippedBefore: none,
    skippedAfter: none,
    roundUp: false,
    ...other,
  };
}

export interface BlockChoice {
  readonly channels?: number;
  readonly outputs?: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly pad?: number;
  /** A slope of every channel, or one for each. Undefined: no activation. */
  readonly slope?: number | readonly number[] | undefined;
  readonly pooling?: keyof typeof poolings;
  /** In whole numbers, so that sums are exact and ties frequent. */
  readonly whole?: boolean;
}

/** A block with random weights for an input of lengths `dims`. */
export function randomBlock(
  dims: readonly number[],
  random: () => number,
  choice: BlockChoice,
): ConvolutionBlock {
  const {
    channels = 1,
    outputs = 8,
    kernel = 3,
    stride = 1,
    pad = 1,
    pooling = "padded",
    whole = false,
  } = choice;
  const slope = "slope" in choice ? choice.slope : 0;
  const spread = Math.sqrt(3 / (channels * kernel ** dims.length));
  const weight = () => (whole ? Math.round(4 * random() - 2) : (2 * random() - 1) * spread);
  const conv = dims.map((n) => Math.floor((n + 2 * pad - kernel) / stride) + 1);
  return {
    inputChannels: channels,
    outputChannels: outputs,
    weights: fill(outputs * channels * kernel ** dims.length, weight),
    bias: fill(outputs, () => (whole ? Math.round(2 * random() - 1) : 0.2 * random() - 0.1)),
    kernel: dims.map(() => kernel),
    strides: dims.map(() => stride),
    padsBefore: dims.map(() => pad),
    padsAfter: dims.map(() => pad),
    slopes:
      slope === undefined
        ? undefined
        : typeof slope === "number"
          ? new Float32Array(outputs).fill(slope)
          : fill(outputs, () => slope[Math.floor(random() * slope.length)] ?? 0),
    pooling: poolings[pooling](conv),
  };
}

/** Two blocks of any kind on an image of any size. */
export function randomCase(seed: number) {
  const random = randomNumbers(seed * 7919);
  const pick = <T>(values: readonly [T, ...T[]]): T =>
    values[Math.floor(random() * values.length)] ?? values[0];
  const common = random() < 0.6;
  const axes = common ? 3 : pick([1, 2, 3]);
  const dims = Array.from({ length: axes }, () => 3 + Math.floor(random() * (axes === 3 ? 17 : 30)));
  // Rows long enough for two Winograd blocks.
  if (common) dims[2] = (dims[2] ?? 0) + 20;
  const block = (lengths: readonly number[], channels: number) =>
    randomBlock(lengths, random, {
      channels,
      outputs: pick([1, 3, 4, 8]),
      kernel: common ? 3 : pick([1, 2, 3, 5]),
      stride: common ? 1 : pick([1, 2, 3]),
      pad: common ? pick([1, 1, 0]) : pick([0, 1, 2]),
      slope: pick<number | readonly number[] | undefined>([0, 0, 0.01, [0, 0.3, 1], [-0.5, 2], undefined]),
      pooling: common
        ? pick<keyof typeof poolings>(["padded", "floor", "ceil"])
        : pick(Object.keys(poolings) as [keyof typeof poolings]),
    });
  const first = block(dims, pick([1, 1, 3, 4, 8]));
  const second = block(imageDims(geometryOf(first, dims).out, axes), first.outputChannels);
  const image = fill(first.inputChannels * product(dims), () => 2 * random() - 1);
  return { dims, blocks: [first, second], image, random };
}

/** A head on a background of 0: smooth, with some noise. */
export function head(dims: readonly number[], channels: number, random: () => number): Float32Array {
  const voxels = product(dims);
  return Float32Array.from({ length: channels * voxels }, (_, k) => {
    let [rest, radius, wave] = [k % voxels, 0, 1];
    for (const length of [...dims].reverse()) {
      const at = rest % length;
      rest = Math.floor(rest / length);
      radius += ((2 * at - length) / length) ** 2;
      wave *= Math.sin((at + k / voxels) / 5);
    }
    return radius < 0.7 ? 0.5 + 0.3 * wave + 0.1 * random() : 0;
  });
}

/** Relative L2 distance. */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, norm] = [0, 0];
  for (let k = 0; k < expected.length; k++) {
    error += ((got[k] ?? 0) - (expected[k] ?? 0)) ** 2;
    norm += (expected[k] ?? 0) ** 2;
  }
  return norm === 0 ? Math.sqrt(error) : Math.sqrt(error / norm);
}

/** Both passes by kernels, with a random gradient at the cut: how far they are from float64. */
export function compareWithFloat64(
  blocks: readonly ConvolutionBlock[],
  dims: readonly number[],
  image: Float32Array,
  random: () => number,
) {
  const kernels = blockKernels(blocks, dims);
  kernels.input.set(image);
  kernels.forward();
  const expected = referenceBlocks(blocks, dims, image);
  const gradient = fill(kernels.cutGradient.length, () => 2 * random() - 1);
  kernels.cutGradient.set(gradient);
  kernels.gradient.fill(Number.NaN);
  kernels.backward();
  return {
    kernels,
    forward: distance(kernels.cut, expected.output),
    backward: distance(kernels.gradient, expected.backward(gradient)),
  };
}
