import { type Extremes, extremes, type ImageInput, minMaxInPlace, type PartInput } from "@voxplain/caps-io";
import { elementCount } from "@voxplain/core";
import {
  greyMean,
  type RecomposedSum,
  type Recomposition,
  type SummedGreys,
  toGreys,
} from "@voxplain/saliency";
import type { PredictedPart } from "../explain/explained-part.ts";
import { type KeptRecomposition, keptRecomposition } from "./kept-recomposition.ts";

/** Sums of images, as data. */
export interface AnatomySums {
  /** Sums of whole images: a value for each voxel, and for each channel. */
  readonly anatomy?: SummedGreys;
  /** Sums of parts whose image is missing. */
  readonly pieces?: RecomposedSum;
}

/** An image, and the parts that the network saw. */
interface Shown {
  readonly input: ImageInput;
  readonly parts: readonly PredictedPart[];
}

/** What is drawn below the maps: the mean of images, each from 0 to 1 in 256 greys. */
export interface Anatomy {
  /** Adds what another one holds. @throws VoxplainError `mismatch` for images of another size. */
  addSums(sums: AnatomySums): void;
  /** What was added so far: views, which the next addition changes. */
  sums(): AnatomySums;
  /** Forgets what was added, and keeps the memory. */
  clear(): void;
  /** One value per voxel of the images; empty where nothing is known of them. */
  mean(): Float32Array;
}

export function anatomySum(): Anatomy {
  const images = greyMean();
  const pieces = keptRecomposition();
  return {
    addSums({ anatomy, pieces: added }) {
      if (anatomy !== undefined) images.addSum(anatomy);
      if (added !== undefined) pieces.on(added.grid).addSum(added);
    },
    sums: () => ({
      ...(images.count > 0 && { anatomy: images.sum() }),
      ...(pieces.used && { pieces: pieces.used.sum() }),
    }),
    clear() {
      images.clear();
      pieces.clear();
    },
    mean() {
      if (pieces.used !== undefined) return pieces.used.mean().data;
      return images.count === 0 ? new Float32Array() : images.mean();
    },
  };
}

/**
 * What is drawn below the maps of one image after the other: views, which the next image changes. Whole images: their inputs. Parts: the
 * images that they were cut out of; extracted parts without their image: what they cover of it.
 */
export function anatomyOfImages(): (image: Shown) => AnatomySums {
  const pieces = keptRecomposition();
  let greys = new Uint8Array();
  const whole = (values: Float32Array, { low, high } = extremes(values)): AnatomySums => {
    if (greys.length !== values.length) greys = new Uint8Array(values.length);
    toGreys(values, low, high, greys);
    return { anatomy: { data: greys, count: 1 } };
  };
  return (image) => {
    const [first] = image.parts;
    if (first?.part.name === "image") return whole(first.part.input.data, knownExtremes(first.part));
    if (image.input.whole !== undefined) return whole(image.input.whole.data, image.input.extremes);
    pieces.clear();
    const covered = coveredBy(image, pieces);
    return covered === undefined ? {} : { pieces: covered.sum() };
  };
}

/** The same of a single image whose parts have maps, in all its greys. */
export function anatomyOfParts(image: Shown): Float32Array {
  const { whole } = image.input;
  if (whole === undefined) return coveredBy(image, keptRecomposition())?.mean().data ?? new Float32Array();
  const scaled = whole.data.slice();
  minMaxInPlace(scaled);
  return scaled;
}

function coveredBy({ input: { grid }, parts }: Shown, pieces: KeptRecomposition): Recomposition | undefined {
  if (grid === undefined) return undefined;
  const covered = pieces.on(grid);
  for (const { part } of parts) {
    const values = part.original ?? part.input;
    const { placement } = part;
    if (placement && values.data.length === elementCount(placement.size)) covered.add(values.data, placement);
  }
  return covered;
}

const fromZeroToOne: Extremes = { low: 0, high: 1, notFinite: 0 };

function knownExtremes({ transform: { minMax } }: PartInput): Extremes | undefined {
  return minMax === "applied" ? fromZeroToOne : undefined;
}
