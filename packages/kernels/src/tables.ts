import type { ConvolutionBlock } from "@voxplain/core";
import type { KernelChoice } from "./choose-kernel.ts";
import type { Geometry } from "./geometry.ts";
import { product } from "./geometry.ts";

type Weights = ConvolutionBlock["weights"];

/** Rows of Winograd's G for F(2,3). */
const winograd = Float64Array.of(...[1, 0, 0], ...[0.5, 0.5, 0.5], ...[0.5, -0.5, 0.5], ...[0, 0, 1]);

// Plain loops: a network opens only when the tables of some thousand kernels are there.

/** Transforms the last of the axes of `values`, [rest][3], and puts it in front: `into` gets [4][rest]. */
function transformLast(values: Float64Array, into: Float64Array): void {
  const count = values.length / 3;
  for (let k = 0, at = 0; k < count; k++, at += 3) {
    for (let row = 0, to = k; row < 12; row += 3, to += count) {
      into[to] =
        winograd[row]! * values[at]! +
        winograd[row + 1]! * values[at + 1]! +
        winograd[row + 2]! * values[at + 2]!;
    }
  }
}

/** For `winogradOne`: [output][z of 4][y of 4][x of 3] of four equal values. */
export function winogradOneWeights(weights: Weights): Float32Array {
  const parts: number[] = [];
  const values = new Float64Array(weights);
  const [overZ, overYZ] = [new Float64Array(36), new Float64Array(48)];
  for (let c = 0; c < weights.length / 27; c++) {
    transformLast(values.subarray(27 * c, 27 * c + 27), overZ); // [z'][x][y]
    transformLast(overZ, overYZ); // [y'][z'][x]
    for (let z = 0; z < 4; z++)
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 3; x++) {
          const value = overYZ[(y * 4 + z) * 3 + x] ?? 0;
          parts.push(value, value, value, value);
        }
  }
  return Float32Array.from(parts);
}

/** For `winogradMany`: [outputs / 4][z, y, x of 4 each][channel][4 outputs]; missing outputs are 0. */
export function winogradManyWeights(weights: Weights, channels: number, outputs: number): Float32Array {
  const table = new Float32Array(Math.ceil(outputs / 4) * 4 * 64 * channels);
  // The same memory for each kernel: there are thousands of them.
  const [values, overZ] = [new Float64Array(27), new Float64Array(36)];
  const [overYZ, all] = [new Float64Array(48), new Float64Array(64)];
  for (let c = 0; c < outputs; c++)
    for (let i = 0; i < channels; i++) {
      const at = (c * channels + i) * 27;
      for (let k = 0; k < 27; k++) values[k] = weights[at + k]!;
      transformLast(values, overZ); // [z'][x][y]
      transformLast(overZ, overYZ); // [y'][z'][x]
      transformLast(overYZ, all); // [x'][y'][z']
      for (let x = 0, k = 0; x < 4; x++)
        for (let y = 0; y < 4; y++)
          for (let z = 0; z < 4; z++, k++)
            table[((c >> 2) * 64 + z * 16 + y * 4 + x) * channels * 4 + i * 4 + (c & 3)] = all[k]!;
    }
  return table;
}

/** For `plain`: [outputs / 4][channel][kernel][4 outputs]; missing outputs are 0. */
export function plainWeights(weights: Weights, outputs: number): Float32Array {
  const taps = weights.length / outputs;
  const table = new Float32Array(Math.ceil(outputs / 4) * 4 * taps);
  for (let c = 0; c < outputs; c++)
    for (let t = 0; t < taps; t++) table[((c >> 2) * taps + t) * 4 + (c & 3)] = weights[c * taps + t] ?? 0;
  return table;
}

/** For `shareRelevance`: [output][channel][x][y], rows along z rounded up to four. */
export function rowsOfFour(weights: Weights, { kernel }: Geometry): Float32Array {
  const row = 4 * Math.ceil(kernel[2] / 4);
  const table = new Float32Array((weights.length / kernel[2]) * row);
  for (let k = 0; k < weights.length; k++)
    table[Math.floor(k / kernel[2]) * row + (k % kernel[2])] = weights[k]!;
  return table;
}

/** For `gradientOne`: [output][x of 3][y of 3] of three weights along z and 0. */
export function gradientOneTable(weights: Weights): Float32Array {
  return Float32Array.from({ length: (weights.length / 3) * 4 }, (_, k) =>
    k % 4 === 3 ? 0 : (weights[3 * (k >> 2) + (k % 4)] ?? 0),
  );
}

/** For `scatterGradient`: [output][kernel but z][z, channels], channels and rows rounded up to a multiple of 4. */
export function channelsLastTable(weights: Weights, { channels, outputs, kernel }: Geometry): Float32Array {
  const inner = innerChannels(channels);
  const row = 4 * Math.ceil((kernel[2] * inner) / 4);
  const taps = product(kernel);
  const table = new Float32Array(outputs * kernel[0] * kernel[1] * row);
  for (let c = 0; c < outputs; c++)
    for (let i = 0; i < channels; i++)
      for (let tap = 0; tap < taps; tap++) {
        const at = (c * kernel[0] * kernel[1] + Math.floor(tap / kernel[2])) * row;
        table[at + (tap % kernel[2]) * inner + i] = weights[(c * channels + i) * taps + tap] ?? 0;
      }
  return table;
}

/** For `gradientMany`: [output][four channels][kernel][4]; missing channels are 0. */
export function gradientManyTable(weights: Weights, channels: number, outputs: number): Float32Array {
  const groups = Math.ceil(channels / 4);
  const table = new Float32Array(outputs * groups * 27 * 4);
  for (let c = 0; c < outputs; c++)
    for (let i = 0; i < channels; i++)
      for (let tap = 0; tap < 27; tap++)
        table[((c * groups + (i >> 2)) * 27 + tap) * 4 + (i & 3)] =
          weights[(c * channels + i) * 27 + tap] ?? 0;
  return table;
}

/** Adjacent channels of a position. */
export const innerChannels = (channels: number) => (channels === 1 ? 1 : 4 * Math.ceil(channels / 4));

/** Factor of the gradient by the two highest bits of a value's code: above 0, (unused), not above 0, nothing. */
export const gradientFactors = (slopes: ArrayLike<number>) =>
  Float32Array.from({ length: 4 * slopes.length }, (_, k) =>
    k % 4 === 2 ? (slopes[k >> 2] ?? 0) : k % 4 === 3 ? 0 : 1,
  );

/** Sums of the absolute weights in `count` equal parts: of each output channel, or of each of its input channels. */
export function absoluteSums({ weights }: ConvolutionBlock, count: number) {
  const taps = weights.length / count;
  return Float64Array.from({ length: count }, (_, c) => {
    let sum = 0;
    for (let t = 0; t < taps; t++) sum += Math.abs(weights[c * taps + t] ?? 0);
    return sum;
  });
}

/** Weights that make the value of a constant neighbourhood, [outputs][terms]: each is multiplied by `scale` and by the value of its channel. */
export interface ConstantWeights {
  readonly weights: Float32Array;
  readonly terms: number;
  readonly scale: number;
  /** Whether the sum begins with the bias, or ends with it. */
  readonly biasFirst: boolean;
}

/** The weights in the order in which a kernel adds where all values of a channel are the same: Winograd's use one position alone. */
export function constantWeights(
  kernel: KernelChoice["forward"],
  table: Float32Array,
  { outputs, channels, kernel: taps }: Geometry,
): ConstantWeights {
  const isDirect = kernel === "plain" || kernel === "direct";
  const [terms, scale] = isDirect
    ? [channels * product(taps), 1]
    : kernel === "winogradOne"
      ? [3, 4]
      : [channels, 8];
  const place = (c: number, t: number) => {
    if (kernel === "winogradOne") return c * 192 + 5 * 12 + t * 4;
    if (isDirect) return ((c >> 2) * terms + t) * 4 + (c & 3);
    return ((c >> 2) * 64 + 21) * channels * 4 + t * 4 + (c & 3);
  };
  return {
    weights: Float32Array.from(
      { length: outputs * terms },
      (_, k) => table[place(Math.floor(k / terms), k % terms)] ?? 0,
    ),
    terms,
    scale,
    biasFirst: isDirect,
  };
}
