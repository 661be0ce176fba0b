import { VoxplainError } from "@voxplain/core";
import { addBytes, addCounts, dividedCounts } from "./numerics/vectors.ts";

/** A sum of images in 256 greys, as data. */
export interface SummedGreys {
  /** One value for each voxel, from 0 to 255 for each image; bytes where it is a single one. */
  readonly data: Uint32Array | Uint8Array;
  /** Images that it is the sum of. */
  readonly count: number;
}

/** A mean over images in 256 greys, which is what a picture shows of them. */
export interface GreyMean {
  /** Images that were added. */
  readonly count: number;
  /** Adds one or more images. @throws VoxplainError `mismatch` for an image of another size. */
  addSum(sum: SummedGreys): void;
  /** What was added so far: a view, which the next addition changes. */
  sum(): SummedGreys;
  /** Forgets what was added, and keeps the memory. */
  clear(): void;
  /** From 0 to 1 for each voxel. */
  mean(): Float32Array;
}

/** Sums in integers: the same in any order. Its memory is one image, however many are added. */
export function greyMean(): GreyMean {
  let sum = new Uint32Array();
  let count = 0;
  return {
    get count() {
      return count;
    },
    addSum(added) {
      if (count > 0 && added.data.length !== sum.length) {
        throw new VoxplainError("mismatch", "images of different sizes cannot be averaged", {
          expected: `${sum.length} voxels`,
          found: `${added.data.length}`,
        });
      }
      if (count === 0) {
        if (sum.length === added.data.length) sum.set(added.data);
        else sum = new Uint32Array(added.data);
      } else if (added.data instanceof Uint8Array) addBytes(sum, added.data);
      else addCounts(sum, added.data);
      count += added.count;
    },
    sum: () => ({ data: sum, count }),
    clear() {
      count = 0;
    },
    mean: () => dividedCounts(sum, 255 * count),
  };
}

/**
 * An image in 256 greys.
 * @param low - What is 0 of them.
 * @param high - What is 255; as much as `low` for an image that is 0 everywhere.
 */
export function toGreys(values: Float32Array, low: number, high: number, into: Uint8Array): void {
  const scale = high > low ? 255 / (high - low) : 0;
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const ofZero = ((0 - low) * scale + 0.5) & 255;
  const whole = values.length - (values.length % 4);
  for (let k = 0; k < whole; k += 4) {
    // Zeros, as around a head: four at a glance.
    if ((bits[k]! | bits[k + 1]! | bits[k + 2]! | bits[k + 3]!) === 0) {
      into[k] = ofZero;
      into[k + 1] = ofZero;
      into[k + 2] = ofZero;
      into[k + 3] = ofZero;
      continue;
    }
    into[k] = (values[k]! - low) * scale + 0.5;
    into[k + 1] = (values[k + 1]! - low) * scale + 0.5;
    into[k + 2] = (values[k + 2]! - low) * scale + 0.5;
    into[k + 3] = (values[k + 3]! - low) * scale + 0.5;
  }
  for (let k = whole; k < values.length; k++) into[k] = (values[k]! - low) * scale + 0.5;
}
