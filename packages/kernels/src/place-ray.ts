import type { Arena } from "./arena.ts";
import { copiesRepeats } from "./choose-kernel.ts";
import { product } from "./geometry.ts";
import type { PlacedBlock } from "./place-block.ts";
import { fieldAt, rayFields, recordBytes, recordOf } from "./record.ts";

/** What sums gradients at multiples of one image (`assembly/ray.ts`). */
export interface RayProgram {
  /** The record of `scaleMaxima`, `addToSums` and `roundSums`. */
  readonly record: number;
  /** The record of the first block's forward kernel without biases and activation, which writes maxima and their positions. */
  readonly maximaRecord: number;
  /** The record of the first block's gradient at the image, for the sums of the gradients behind it. */
  readonly gradientRecord: number;
  /** Where α and the weight of a point are written, two float64. */
  readonly pointAt: number;
  /** Where the first block looks up that address; 0 there: its image is the whole one. */
  readonly pointFieldAt: number;
  /** Bytes in front of the sums. */
  readonly sumsAt: number;
  /** How many float64 they are. */
  readonly sumsLength: number;
}

/** A ray in memory. */
interface PlacedRay {
  readonly program: RayProgram;
  /** Records, with their places. */
  readonly contents: readonly (readonly [at: number, values: Int32Array])[];
  /** Where the kernels look up the place of the image, and of the map. */
  readonly imageAt: readonly number[];
  readonly mapAt: readonly number[];
}

/** Bytes of a maximum, its position and its sum. */
const bytesOfCell = 4 + 1 + 8;

/**
 * Lays out the ray of a first block; undefined for kernels that do not write maxima of an activation that keeps their order, and where it takes
 * more than `room` bytes.
 */
export function placeRay(first: PlacedBlock, memory: Arena, room: number): PlacedRay | undefined {
  const { outputs, out } = first.geometry;
  const cells = product(out);
  const length = outputs * cells;
  if (!copiesRepeats(first.choice) || bytesOfCell * length > room) return undefined;
  const [maxima, positions, sums] = [memory.take(4 * length), memory.take(length), memory.take(8 * length)];
  const [zeros, ones] = [new Float64Array(Math.ceil(outputs / 4) * 4), new Float64Array(4 * outputs).fill(1)];
  const pointAt = memory.take(16);
  const [record, maximaRecord, gradientRecord] = [
    memory.take(4 * rayFields.length),
    memory.take(recordBytes),
    memory.take(recordBytes),
  ];
  const ofMaxima = {
    ...first.forwardFields,
    ...{ output: maxima, codes: positions, front: 0 },
    ...{ bias: memory.put(Float32Array.from(zeros)), bias64: memory.put(zeros) },
    ...{ slopes: memory.put(Float32Array.from(ones)), slopes64: memory.put(ones) },
    // A zero of the padding wins or not at each point anew.
    ...{ zeroX: 0, zeroY: 0, zeroZ: 0 },
  };
  const ofGradient = {
    ...first.fields,
    ...{ codes: positions, factors: memory.put(Float32Array.from(ones)) },
    ...{ gradient: first.forwardFields.output ?? 0, gradientChannel: 4 * cells, gradientCell: 4 },
  };
  const ofRay = { block: first.forward, maxima, positions, sums };
  return {
    program: {
      ...{ record, maximaRecord, gradientRecord, pointAt },
      pointFieldAt: first.forward + fieldAt("point"),
      ...{ sumsAt: sums, sumsLength: length },
    },
    contents: [
      [record, recordOf(ofRay, rayFields)],
      [maximaRecord, recordOf(ofMaxima)],
      [gradientRecord, recordOf(ofGradient)],
    ],
    imageAt: [maximaRecord, gradientRecord].map((at) => at + fieldAt("input")),
    mapAt: [gradientRecord + fieldAt("inputGradient")],
  };
}
