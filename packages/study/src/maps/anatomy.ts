import { type ImageInput, minMaxInPlace } from "@voxplain/caps-io";
import { elementCount, tensor } from "@voxplain/core";
import { groupMean, type RecomposedSum, type SummedMaps } from "@voxplain/saliency";
import type { PredictedPart } from "../explain/explained-part.ts";
import { keptRecomposition } from "./kept-recomposition.ts";

/** Sums of images, as data. */
export interface AnatomySums {
  /** Of whole images: [voxels], or [C · voxels]. */
  readonly anatomy?: SummedMaps;
  /** Of parts whose image is not there. */
  readonly pieces?: RecomposedSum;
}

/** What is drawn below the maps: the mean of images, each from 0 to 1. */
export interface Anatomy {
  add(image: { readonly input: ImageInput; readonly parts: readonly PredictedPart[] }): void;
  /** Adds what another one holds. @throws VoxplainError `mismatch` for images of another size. */
  addSums(sums: AnatomySums): void;
  /** What was added so far: views, which the next addition changes. */
  sums(): AnatomySums;
  /** Forgets what was added, and keeps the memory. */
  clear(): void;
  /** One value per voxel of the images; empty where nothing is known of them. */
  mean(): Float32Array;
}

/**
 * Whole images: their inputs. Parts: the images that they were cut out of; extracted parts without their image: what they
 * cover of it.
 */
export function anatomySum(): Anatomy {
  // Half the memory; a grey of a picture is one of 256.
  const images = groupMean("float32");
  const pieces = keptRecomposition();
  let scaled = new Float32Array();
  const addWhole = (values: Float32Array) => images.add(tensor("float32", [values.length], values));
  return {
    add({ input, parts }) {
      const [first] = parts;
      if (first?.part.name === "image") return addWhole(first.part.input.data);
      if (input.whole !== undefined) {
        if (scaled.length !== input.whole.data.length) scaled = new Float32Array(input.whole.data.length);
        scaled.set(input.whole.data);
        minMaxInPlace(scaled);
        return addWhole(scaled);
      }
      if (input.grid === undefined) return;
      const covered = pieces.on(input.grid);
      for (const { part } of parts) {
        const values = part.original ?? part.input;
        const { placement } = part;
        if (placement && values.data.length === elementCount(placement.size))
          covered.add(values.data, placement);
      }
    },
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
      return images.count === 0 ? new Float32Array() : images.mean().data;
    },
  };
}
