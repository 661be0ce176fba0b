import type { ConvolutionBlock } from "@voxplain/core";
import type { Arena } from "./arena.ts";
import { chooseKernel, type KernelChoice } from "./choose-kernel.ts";
import { type Geometry, product, type Triple } from "./geometry.ts";
import { recordBytes, recordOf } from "./record.ts";
import { forwardScratch, gradientScratch, type Scratch } from "./scratch.ts";
import {
  absoluteSums,
  type ConstantWeights,
  channelsLastTable,
  constantWeights,
  gradientFactors,
  gradientManyTable,
  gradientOneTable,
  plainWeights,
  winogradManyWeights,
  winogradOneWeights,
} from "./tables.ts";

/** Addresses of the values around a block. */
export interface BlockPlaces {
  /** At its input and output, [channels][x][y][z]. */
  readonly input: number;
  readonly output: number;
  /** The gradient at its output, with bytes from channel to channel and from cell to cell. */
  readonly gradient: number;
  readonly gradientChannel: number;
  readonly gradientCell: number;
  /** The gradient at its input: planar, or with the channels of a position beside each other. */
  readonly inputGradient: number;
  readonly channelsLast: boolean;
  /** Tables of rows that repeat the row before (`assembly/repeats.ts`), at its input and output; 0: none. */
  readonly repeats: number;
  readonly outputRepeats: number;
  /** The record of the block in front, if its values are computed again where this one's decisions depend on their rounding; 0: none. */
  readonly front: number;
}

/** A block in memory. */
export interface PlacedBlock {
  readonly geometry: Geometry;
  readonly choice: KernelChoice;
  /** The records that its kernels read: the plain forward kernel, the chosen one, the chosen gradient's. */
  readonly plain: number;
  readonly forward: number;
  readonly gradient: number;
  /** What the last two of them hold. */
  readonly forwardFields: Readonly<Record<string, number>>;
  readonly fields: Readonly<Record<string, number>>;
  readonly scratchBytes: number;
  /** Float32 per output channel: the distance below which decisions are made in float64. */
  readonly bounds: number;
  /** Float32 per output channel: how far sums may be off because the input is rounded; 0: they are not decided from the image. */
  readonly doubts: number;
  /** Float32 per output channel: what a constant neighbourhood gets. */
  readonly backgrounds: number;
  /** Float32 per plane of the input. */
  readonly largest: number;
  /** Sums of absolute weights, per output channel. */
  readonly sums: Float64Array;
  /** The same for each channel of the input, [outputs][channels]. */
  readonly channelSums: Float64Array;
  /** The weights that a neighbourhood of equal values meets. */
  readonly constant: ConstantWeights;
  /** Records and initial values, with their places. */
  readonly contents: readonly (readonly [at: number, values: Float32Array | Int32Array])[];
}

const axes = (name: string, [x, y, z]: Triple) => ({ [`${name}X`]: x, [`${name}Y`]: y, [`${name}Z`]: z });

function forwardTable(block: ConvolutionBlock, kernel: KernelChoice["forward"], geometry: Geometry) {
  const { channels, outputs } = geometry;
  if (kernel === "winogradOne") return winogradOneWeights(block.weights);
  if (kernel === "winogradMany") return winogradManyWeights(block.weights, channels, outputs);
  return plainWeights(block.weights, outputs);
}

/** Weights as the kernel of a gradient reads them. */
export function gradientTable(
  { weights }: Pick<ConvolutionBlock, "weights">,
  kernel: KernelChoice["gradient"],
  geometry: Geometry,
) {
  if (kernel === "gradientOne") return gradientOneTable(weights);
  if (kernel === "gradientMany") return gradientManyTable(weights, geometry.channels, geometry.outputs);
  if (kernel === "scatterGradient") return channelsLastTable(weights, geometry);
  return new Float32Array(weights);
}

/** Float32 values per output channel, in groups of four as the kernels read them. */
export const perChannel = (values: ArrayLike<number>, outputs: number) =>
  Float32Array.from({ length: Math.ceil(outputs / 4) * 4 }, (_, c) => values[c] ?? 0);

/** Which kernels compute the block, and its weights and scratch memory for them. */
export function placeBlock(
  block: ConvolutionBlock,
  geometry: Geometry,
  places: BlockPlaces,
  memory: Arena,
): PlacedBlock {
  const { outputs, conv, out } = geometry;
  const choice = chooseKernel(block, geometry);
  const slopes = block.slopes ?? new Float64Array(outputs).fill(1);
  const table = forwardTable(block, choice.forward, geometry);
  const [bounds, backgrounds] = [memory.take(4 * outputs), memory.take(4 * outputs)];
  const largest = memory.take(4 * geometry.input[0]);
  // Values keep the order of sums.
  const isFromImage = places.front > 0 && slopes.every((slope) => slope >= 0 && slope <= 1);
  const doubts = isFromImage ? memory.take(4 * outputs) : 0;
  const common = {
    ...places,
    channelsLast: Number(places.channelsLast),
    channels: geometry.channels,
    x: geometry.input[0],
    y: geometry.input[1],
    z: geometry.input[2],
    outputs,
    ...axes("kernel", geometry.kernel),
    ...axes("stride", geometry.strides),
    ...axes("pad", geometry.pads),
    ...axes("conv", conv),
    pooling: { none: 0, max: 1, average: 2 }[geometry.pooling],
    ...axes("window", geometry.window),
    ...axes("step", geometry.steps),
    ...axes("before", geometry.before),
    ...axes("zero", geometry.zeros),
    ...axes("zeroAfter", geometry.zerosAfter),
    ...axes("out", out),
    codes: memory.take(outputs * product(geometry.pooling === "max" ? out : conv)),
    bias: memory.put(perChannel(block.bias, outputs)),
    slopes: memory.put(perChannel(slopes, outputs)),
    weights64: memory.put(new Float64Array(block.weights)),
    bias64: memory.put(Float64Array.from(block.bias)),
    slopes64: memory.put(Float64Array.from(slopes)),
    factors: memory.put(gradientFactors(slopes)),
    table: memory.put(gradientTable(block, choice.gradient, geometry)),
    bounds,
    front: isFromImage ? places.front : 0,
    doubts,
    backgrounds,
    largest,
  };
  const isDirect = choice.forward === "plain" || choice.forward === "direct";
  const plainTable = isDirect ? table : forwardTable(block, "plain", geometry);
  const scratches: Scratch[] = [];
  const records: { readonly at: number; readonly fields: Readonly<Record<string, number>> }[] = [];
  const record = (weights: number, scratch: Scratch) => {
    const { line, convLine, gradientLine, bytes } = scratch;
    const made = {
      at: memory.take(recordBytes),
      fields: { ...common, weights, line, convLine, gradientLine, bytes },
    };
    scratches.push(scratch);
    records.push(made);
    return made;
  };
  const plain = record(memory.put(plainTable), forwardScratch("plain", geometry));
  const forward = isDirect ? plain : record(memory.put(table), forwardScratch(choice.forward, geometry));
  const gradient = record(0, gradientScratch(choice.gradient, geometry));
  return {
    geometry,
    choice,
    plain: plain.at,
    forward: forward.at,
    gradient: gradient.at,
    forwardFields: forward.fields,
    fields: gradient.fields,
    scratchBytes: Math.max(...scratches.map(({ bytes }) => bytes)),
    bounds,
    doubts,
    backgrounds,
    largest,
    sums: absoluteSums(block, outputs),
    channelSums: absoluteSums(block, outputs * geometry.channels),
    constant: constantWeights(choice.forward, table, geometry),
    contents: [
      ...records.map(({ at, fields }) => [at, recordOf(fields)] as const),
      [bounds, new Float32Array(outputs).fill(-1)], // decided in float32, unless set
    ],
  };
}
