import { type BlockRelevance, type ConvolutionBlock, VoxplainError } from "@voxplain/core";
import { buildId } from "./build-id.js";
import { copiesRepeats, isComputable, type KernelChoice } from "./choose-kernel.ts";
import { type Geometry, imageDims, product } from "./geometry.ts";
import type { PlacedBlock } from "./place-block.ts";
import { placeBlocks } from "./place-blocks.ts";
import { placeRay, type RayProgram } from "./place-ray.ts";
import { placeRelevance, type RelevanceProgram } from "./place-relevance.ts";
import { fieldAt } from "./record.ts";
import type { ConstantWeights } from "./tables.ts";

/** Names of the kernels in `assembly/`. */
export type KernelName =
  | "largest"
  | "compareRows"
  | "rectify"
  | "letThrough"
  | "shareRelevance"
  | "weighRelevance"
  | "scaleMaxima"
  | "addToSums"
  | "roundSums"
  | KernelChoice["forward"]
  | KernelChoice["gradient"];

/** Float32 values in the memory of the kernels. */
export interface Place {
  /** Bytes in front of them. */
  readonly at: number;
  /** Values. */
  readonly length: number;
}

/** One block: its kernels, the records that they read, and how many planes they compute. */
export interface ProgramStep {
  readonly forward: KernelName;
  readonly forwardRecord: number;
  /** Does its kernel copy cells that repeat those of the row before? For the first block, rows of the image are compared. */
  readonly comparesRows: boolean;
  /** The record of the plain kernel, which computes what may overflow. */
  readonly plainRecord: number;
  readonly planes: number;
  readonly gradient: KernelName;
  readonly gradientRecord: number;
  readonly gradientPlanes: number;
  /** Is there an activation? Its rule takes part in what flows back. */
  readonly activated: boolean;
  /** Per output channel: sum of the absolute weights, absolute bias, largest factor of the activation. */
  readonly sums: Float64Array;
  readonly offsets: Float64Array;
  readonly growth: Float64Array;
  /** What it needs to decide in float64. */
  readonly decisions: BlockDecisions;
}

/** Places for images or for maps: one is written or read while the kernels compute with another. */
export interface Choice {
  /** Their addresses, each place as long as the image. */
  readonly places: readonly number[];
  /** Where the kernels look up the place that they use: four bytes each. */
  readonly chosenAt: readonly number[];
}

/** What the decisions of a block in float64 need. */
export interface BlockDecisions {
  /** Planes of its input; the record of `largest`, which writes one float32 for each plane to `largestAt`. */
  readonly planes: number;
  readonly record: number;
  readonly largestAt: number;
  /** Where the distances below which is decided in float64 are written, and the values of a constant neighbourhood. */
  readonly boundsAt: number;
  readonly backgroundsAt: number;
  /** Where is written how far sums may be off because the input is rounded; 0: nowhere. */
  readonly doubtsAt: number;
  /** Sums of absolute weights, [outputs][channels]. */
  readonly channelSums: Float64Array;
  /** Units of 2⁻²⁴ by which a sum may be off, relative to the sum of its absolute terms. */
  readonly roundings: number;
  readonly channels: number;
  /** What makes the value of a constant neighbourhood. */
  readonly constant: ConstantWeights;
  readonly bias: Float32Array;
  /** Factors of values that are not above 0, per output channel. */
  readonly slopes: Float32Array;
}

/** Blocks on images of one size, laid out in memory: plain data, which can be posted to the thread that computes. */
export interface KernelProgram {
  /** The build that laid it out. Another one may read it otherwise, and refuses it. */
  readonly build: string;
  /** Bytes of values and weights. */
  readonly bytes: number;
  /** Bytes that each thread has for itself behind those. */
  readonly scratchBytes: number;
  /** What has to be written into the memory, and where. */
  readonly contents: readonly (readonly [at: number, values: Float32Array | Float64Array | Int32Array])[];
  /** The image. */
  readonly input: Place;
  /** The values behind the last block. */
  readonly cut: Place;
  /** The gradient at the cut: what goes in backwards. */
  readonly cutGradient: Place;
  /** The gradient at the image: what comes out. */
  readonly gradient: Place;
  /** Places of images: the first is `input`. */
  readonly images: Choice;
  /** Places of the gradient at the image: the first is `gradient`. */
  readonly maps: Choice;
  /** Channels and lengths behind the last block. */
  readonly cutDims: readonly number[];
  /** The blocks, from the image on. */
  readonly steps: readonly ProgramStep[];
  /** Relevance, which is computed in place of the gradient. */
  readonly relevance?: RelevanceProgram;
  /** What sums gradients at multiples of one image; absent where it was not asked for, or the first block does not suit. */
  readonly ray?: RayProgram;
  /** Values of one plane at the input. */
  readonly inputPlane: number;
  /** Values of one plane at the cut. */
  readonly cutPlane: number;
}

/** A generous estimate, not a proven bound. Later blocks get rounded values, and roundings add up to about their square root. */
function roundingsOf({ channels, kernel }: Geometry, isFirst: boolean): number {
  const most = 37 + channels * product(kernel);
  return isFirst ? most : Math.sqrt(most);
}

/** WebAssembly has 4 GB for all; an image that leaves less than half of them is explained without a ray. */
const mostBytesWithRay = 2 ** 31;

const step = (block: PlacedBlock, { bias, slopes }: ConvolutionBlock, isFirst: boolean): ProgramStep => ({
  forward: block.choice.forward,
  forwardRecord: block.forward,
  comparesRows: copiesRepeats(block.choice),
  plainRecord: block.plain,
  planes: block.geometry.out[0],
  gradient: block.choice.gradient,
  gradientRecord: block.gradient,
  gradientPlanes: /^(plain|direct)/.test(block.choice.gradient)
    ? block.geometry.input[0]
    : block.geometry.out[0],
  activated: slopes !== undefined,
  sums: block.sums,
  offsets: Float64Array.from(bias, Math.abs),
  growth: Float64Array.from(bias, (_, c) => Math.max(1, Math.abs(slopes?.[c] ?? 1))),
  decisions: {
    planes: block.geometry.input[0],
    record: block.plain,
    largestAt: block.largest,
    boundsAt: block.bounds,
    backgroundsAt: block.backgrounds,
    doubtsAt: block.doubts,
    channelSums: block.channelSums,
    roundings: roundingsOf(block.geometry, isFirst),
    channels: block.geometry.channels,
    constant: block.constant,
    bias: Float32Array.from(bias),
    slopes: Float32Array.from(bias, (_, c) => slopes?.[c] ?? 1),
  },
});

/** How many images and maps have a place of their own. */
export interface ProgramOptions {
  /** Default: 1. */
  readonly images?: number;
  /** Default: 1. */
  readonly maps?: number;
  /** How each block hands back relevance, in place of the gradient. */
  readonly relevance?: readonly BlockRelevance[] | undefined;
  /** Whether gradients at multiples of an image are to be summed, for which memory is reserved; default: false. */
  readonly ray?: boolean;
}

/**
 * Lays out blocks for images of `dims` (one to three lengths, without batch and channels).
 * @throws VoxplainError `unsupported` for a block that the kernels cannot compute; `mismatch` where the image is too small.
 */
export function kernelProgram(
  blocks: readonly ConvolutionBlock[],
  dims: readonly number[],
  { images = 1, maps = 1, relevance, ray = false }: ProgramOptions = {},
): KernelProgram {
  if (!blocks.every(isComputable)) {
    throw new VoxplainError("unsupported", "the kernels cannot compute the first blocks of the network");
  }
  const { memory, placed, input, gradient, cut, cutGradient, first, top } = placeBlocks(blocks, dims);
  const [bottom] = placed;
  if (!bottom) throw new VoxplainError("invalid-argument", "there are no blocks to compute");
  const image = first.channels * product(first.input);
  const cells = top.outputs * product(top.out);
  const places = (first: number, count: number) => [
    first,
    ...Array.from({ length: count - 1 }, () => memory.take(4 * image)),
  ];
  const handed =
    relevance &&
    placeRelevance(blocks, placed, relevance, { map: gradient, cutRelevance: cutGradient }, memory);
  const room = mostBytesWithRay - memory.size() - 4 * image * (images + maps - 2);
  const summed = ray && !relevance ? placeRay(bottom, memory, room) : undefined;
  const readers = [...new Set([bottom.forward, bottom.plain])];
  const chosen = {
    images: {
      places: places(input, images),
      chosenAt: [
        ...[...readers, bottom.gradient].map((record) => record + fieldAt("input")),
        ...(handed?.imageAt ?? []),
        ...(summed?.imageAt ?? []),
      ],
    },
    maps: {
      places: places(gradient, maps),
      chosenAt: [
        bottom.gradient + fieldAt("inputGradient"),
        ...(handed?.mapAt ?? []),
        ...(summed?.mapAt ?? []),
      ],
    },
  };
  return {
    build: buildId,
    bytes: memory.size(),
    scratchBytes: Math.ceil(Math.max(...placed.map(({ scratchBytes }) => scratchBytes)) / 4096) * 4096,
    contents: [
      ...memory.contents(),
      ...placed.flatMap(({ contents }) => contents),
      ...(handed?.contents ?? []),
      ...(summed?.contents ?? []),
    ],
    input: { at: input, length: image },
    cut: { at: cut, length: cells },
    cutGradient: { at: cutGradient, length: cells },
    gradient: { at: gradient, length: image },
    ...chosen,
    cutDims: [top.outputs, ...imageDims(top.out, dims.length)],
    steps: placed.flatMap((block, k) => {
      const given = blocks[k];
      return given ? [step(block, given, k === 0)] : [];
    }),
    ...(handed && { relevance: { steps: handed.steps, needsRange: handed.needsRange } }),
    ...(summed && { ray: summed.program }),
    inputPlane: first.input[1] * first.input[2],
    cutPlane: top.out[1] * top.out[2],
  };
}
