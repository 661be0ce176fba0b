import {
  type BlockRelevance,
  type ConvolutionBlock,
  elementAt,
  type RelevanceBound,
  type RelevancePart,
  type RelevanceShare,
  VoxplainError,
} from "@voxplain/core";
import type { Arena } from "./arena.ts";
import { product } from "./geometry.ts";
import { gradientTable, type PlacedBlock, perChannel } from "./place-block.ts";
import { fieldAt, partFields, recordBytes, recordOf, shareFields } from "./record.ts";
import { rowsOfFour } from "./tables.ts";

/** Relevance of the blocks: what the runner computes in place of the gradient. */
export interface RelevanceProgram {
  /** The steps of each block, from the image on. */
  readonly steps: readonly (readonly ShareStep[])[];
  /** Whether parts of the first block depend on the lowest and the highest value of the image. */
  readonly needsRange: boolean;
}

/** A share, and its parts. */
export interface ShareStep {
  /** The record of `shareRelevance`. */
  readonly record: number;
  readonly parts: readonly PartStep[];
}

/** What comes back to the input by one set of weights. */
export interface PartStep {
  /** The record of `weighRelevance`, and that of the gradient's kernel. */
  readonly record: number;
  readonly gradientRecord: number;
  /** Where words say whether it is used, and whether it is added to what is there. */
  readonly isUsedAt: number;
  readonly isAddedAt: number;
  /** Address of the bounds, one for each channel, and their values. */
  readonly lowsAt: number;
  readonly highsAt: number;
  readonly channels: number;
  readonly low: RelevanceBound;
  readonly high: RelevanceBound;
}

/** Relevance in memory. */
interface PlacedRelevance extends RelevanceProgram {
  /** Records and initial values, with their places. */
  readonly contents: readonly (readonly [at: number, values: Int32Array])[];
  /** Where the kernels look up the place of the image, and of the map. */
  readonly imageAt: readonly number[];
  readonly mapAt: readonly number[];
}

const floatBits = (value: number) => elementAt(new Int32Array(Float32Array.of(value).buffer), 0);
const planar = (block: PlacedBlock) => product(block.geometry.out);
const partAt = (name: (typeof partFields)[number]) => 4 * partFields.indexOf(name);

/**
 * Lays out what hands relevance back through blocks. Values between the blocks stay, as relevance is a share of them.
 * @throws VoxplainError `unsupported` for averages.
 */
export function placeRelevance(
  blocks: readonly ConvolutionBlock[],
  placed: readonly PlacedBlock[],
  relevance: readonly BlockRelevance[],
  { map, cutRelevance }: { readonly map: number; readonly cutRelevance: number },
  memory: Arena,
): PlacedRelevance {
  if (relevance.length !== blocks.length || placed.some(({ geometry }) => geometry.pooling === "average")) {
    throw new VoxplainError("unsupported", "the kernels have no relevance for these blocks");
  }
  const largest = (sizes: readonly number[]) => memory.take(4 * Math.max(...sizes));
  const quotients = largest(placed.map((block) => block.geometry.outputs * planar(block)));
  const back = largest(placed.map(({ geometry }) => geometry.channels * product(geometry.input)));
  const contents: [number, Int32Array][] = [];
  const imageAt: number[] = [];
  const mapAt: number[] = [];
  let target = map;
  const steps = blocks.map((block, k) => {
    const own = elementAt(placed, k);
    const shares = elementAt(relevance, k);
    const isLast = k === blocks.length - 1;
    const atOutput = isLast ? cutRelevance : memory.take(4 * own.geometry.outputs * planar(own));
    const isSole = shares.length === 1 && shares[0]?.parts.length === 1;
    const goal = target;
    const gradient = isSole ? goal : back;
    const factors = memory.put(new Float32Array(4 * own.geometry.outputs).map((_, n) => Number(n % 4 < 3)));
    target = atOutput;
    return shares.map(placeShare);

    function placePart(at: number, part: RelevancePart): PartStep {
      const gradientRecord = memory.take(recordBytes);
      const { channels, outputs } = own.geometry;
      const bounds = (bound: RelevanceBound) =>
        memory.put(Float32Array.from({ length: channels }, (_, n) => boundOf(bound, n)));
      const [lowsAt, highsAt] = [bounds(part.low), bounds(part.high)];
      const fields = {
        ...own.fields,
        ...{ gradient: quotients, gradientChannel: 4 * planar(own), gradientCell: 4 },
        ...{ inputGradient: gradient, channelsLast: 0, factors },
        table: memory.put(gradientTable(part, own.choice.gradient, own.geometry)),
      };
      const record = {
        ...{ block: gradientRecord, lows: lowsAt, highs: highsAt, isUsed: 1, gradient, target: goal },
        isOwn: Number(isOwn(part, block)),
        constants: constantsOf(part),
        weights: memory.put(rowsOfFour(part.weights, own.geometry)),
        bias: memory.put(perChannel(part.bias ?? [], outputs)),
      };
      contents.push([gradientRecord, recordOf(fields)], [at, recordOf(record, partFields)]);
      if (k === 0) {
        imageAt.push(gradientRecord + fieldAt("input"));
        mapAt.push(at + partAt("target"));
        if (isSole) mapAt.push(gradientRecord + fieldAt("inputGradient"), at + partAt("gradient"));
      }
      return {
        ...{ record: at, gradientRecord, lowsAt, highsAt, channels, low: part.low, high: part.high },
        ...{ isUsedAt: at + partAt("isUsed"), isAddedAt: at + partAt("isAdded") },
      };
    }

    /** Sums of a part whose values are all the same; 0: they differ, or are not known yet. */
    function constantsOf({ low, high, weights, bias }: RelevancePart): number {
      if (typeof low !== "number" || low !== high) return 0;
      const { outputs } = own.geometry;
      const size = weights.length / outputs;
      const sums = Float32Array.from({ length: outputs }, (_, c) =>
        weights
          .subarray(c * size, (c + 1) * size)
          .reduce((sum, weight) => sum + weight * low, elementAt(bias ?? noBias(outputs), c)),
      );
      return memory.put(sums);
    }

    function placeShare({ parts, factor, epsilon, where }: RelevanceShare): ShareStep {
      const size = 4 * partFields.length;
      const first = memory.take(size * (parts.length + 1));
      const made = parts.map((part, n) => placePart(first + n * size, part));
      const test = where && first + parts.length * size;
      if (test) placePart(test, wholeOf(block));
      const record = memory.take(4 * shareFields.length);
      const fields = {
        ...{ relevance: atOutput, quotients, parts: first, count: made.length, test: test ?? 0 },
        ...{ factor: floatBits(factor), epsilon: floatBits(epsilon) },
        condition: where === undefined ? 0 : where === "above" ? 1 : -1,
      };
      contents.push([record, recordOf(fields, shareFields)]);
      return { record, parts: made };
    }
  });
  const needsRange = steps[0]?.some(({ parts }) => parts.some(isBounded)) ?? false;
  return { steps, needsRange, contents, imageAt, mapAt };
}

/** The block's own convolution. */
const wholeOf = ({ weights, bias }: ConvolutionBlock): RelevancePart => ({
  ...{ low: -Infinity, high: Infinity },
  ...{ weights: Float64Array.from(weights), bias: Float64Array.from(bias) },
});

const isBounded = ({ low, high }: PartStep) => low !== -Infinity || high !== Infinity;

/** The bound of a channel; that of an image is written when it is known. */
function boundOf(bound: RelevanceBound, channel: number): number {
  if (typeof bound === "string") return 0;
  return typeof bound === "number" ? bound : elementAt(bound, bound.length === 1 ? 0 : channel);
}

const noBias = (outputs: number) => new Float64Array(outputs);

/** Is it the convolution of the block, whose activation leaves values above 0 as they are, and makes no others of them? */
function isOwn({ low, high, weights, bias }: RelevancePart, block: ConvolutionBlock): boolean {
  if (low !== -Infinity || high !== Infinity || block.slopes?.some((slope) => slope < 0)) return false;
  const isSame = (own: ArrayLike<number>, other: ArrayLike<number>) =>
    Array.from(own).every((value, k) => value === other[k]);
  return isSame(block.bias, bias ?? noBias(block.outputChannels)) && isSame(block.weights, weights);
}
