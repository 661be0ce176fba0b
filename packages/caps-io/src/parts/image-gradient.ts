import { elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { minMaxAdjoint } from "../transforms/min-max-adjoint.ts";
import { resizeAdjoint } from "../transforms/resize.ts";
import { reduced, reducedAdjoint } from "../transforms/size-reduction.ts";
import type { PartInput } from "./part.ts";

/** At what the gradient is wanted. */
export interface ImageGradientOptions {
  /**
   * Whether the gradient is carried through min-max, too: with respect to the raw intensities instead
   * of the normalized ones. The part must have been read with `keepOriginal`.
   */
  readonly throughNormalization: boolean;
}

/**
 * Carries a map of a part's input back to the voxels that the part was made of: the adjoint of whatever
 * the reader did. A slice's channels are summed and its resize is undone by the adjoint; voxels that size
 * reduction left out get zeros, and a region gets zeros outside its mask. In between it is float64. Where
 * nothing was done, the values are the gradient's own.
 * @param gradient - [C, …] as the input; [1, …] where a method gives a single channel.
 * @returns `[X, Y, Z]`: the placement's size, with 1 along the direction of a slice (the input's own size
 * where a region's mask is not known). For 2D images [C, H, W].
 * @throws VoxplainError `mismatch` for another shape, `invalid-argument` when the original values are
 * needed and were not kept.
 */
export function toImageGradient(
  gradient: Tensor<"float32">,
  part: PartInput,
  { throughNormalization }: ImageGradientOptions,
): Tensor<"float32"> {
  checkShape(gradient, part);
  const { minMax, resizedFrom, copiesOf, reduction, rows } = part.transform;
  let data: Float32Array | Float64Array = gradient.data;
  if (resizedFrom) {
    const [height, width] = part.input.dims.slice(1) as [number, number];
    data = resizeAdjoint(sumOfChannels(gradient), resizedFrom, [height, width]);
  } else if (copiesOf && gradient.dims[0] !== 1) data = sumOfChannels(gradient);
  else if (reduction) data = reducedAdjoint(data, reduction);
  if (throughNormalization && minMax !== "none") data = minMaxAdjoint(data, originalOf(part, data.length));
  const plane = resizedFrom ?? copiesOf;
  const dims = plane ? planeDims(part, plane) : (reduction?.from ?? spatialDims(gradient.dims));
  if (!rows || !part.placement)
    return tensor("float32", dims, data instanceof Float32Array ? data : Float32Array.from(data));
  return intoBox(data, rows, part.placement.size, part.placement.mask);
}

/**
 * Carries a map of a part's input back through min-max alone: the gradient at the stored intensities, in the
 * shape of the input, after size reduction. Slices that were resized in between
 * keep the gradient at the network's input.
 * @param gradient - [C, …] as the input.
 * @throws VoxplainError as `toImageGradient`.
 */
export function toRawIntensities(gradient: Tensor<"float32">, part: PartInput): Tensor<"float32"> {
  checkShape(gradient, part);
  const { minMax, resizedFrom, copiesOf, reduction } = part.transform;
  if (minMax === "none" || resizedFrom) return gradient;
  const { dims, data } = gradient;
  if (copiesOf) return tensor("float32", dims, ofEachChannel(gradient, part));
  if (reduction === undefined) {
    const values = minMaxAdjoint(data, originalOf(part, data.length));
    return tensor("float32", dims, Float32Array.from(values));
  }
  const whole = reducedAdjoint(data, reduction);
  const values = minMaxAdjoint(whole, originalOf(part, whole.length));
  return tensor("float32", dims, reduced(Float32Array.from(values), reduction));
}

/** The channels are copies: what each contributes to the gradient of the plane. */
function ofEachChannel({ dims, data }: Tensor<"float32">, part: PartInput): Float32Array<ArrayBuffer> {
  const size = elementCount(dims.slice(1));
  const original = originalOf(part, size);
  const result = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += size) {
    result.set(minMaxAdjoint(data.subarray(at, at + size), original), at);
  }
  return result;
}

function checkShape({ dims }: Tensor, { name, input }: PartInput): void {
  const [channels, ...spatial] = dims;
  const fits =
    spatial.join() === input.dims.slice(1).join() && (channels === 1 || channels === input.dims[0]);
  if (fits) return;
  throw new VoxplainError(
    "mismatch",
    `${name} has the shape [${input.dims.join(", ")}], its map has [${dims.join(", ")}]`,
  );
}

/** A map with one channel stands for all of them already. */
function sumOfChannels({ dims, data }: Tensor<"float32">): Float64Array {
  const size = elementCount(dims.slice(1));
  const sum = new Float64Array(size);
  for (const [k, value] of data.entries()) sum[k % size]! += value;
  return sum;
}

function originalOf({ name, original }: PartInput, length: number): Float32Array {
  if (original !== undefined && original.data.length === length) return original.data;
  throw new VoxplainError(
    "invalid-argument",
    original === undefined
      ? `the gradient of ${name} cannot be carried through its normalization: it was read without keepOriginal`
      : `the map of ${name} has ${length} values, the part has ${original.data.length}: they must have as many channels`,
  );
}

function spatialDims(dims: readonly number[]): readonly number[] {
  return dims.length === 4 && dims[0] === 1 ? dims.slice(1) : dims;
}

function planeDims({ placement }: PartInput, plane: readonly [number, number]): readonly number[] {
  return placement ? placement.size : plane;
}

/** Puts the rows of a region at their places in the box of its mask. */
function intoBox(
  data: ArrayLike<number>,
  rows: readonly (readonly number[])[],
  size: readonly number[],
  mask: Uint8Array | undefined,
): Tensor<"float32"> {
  const [sizeX = 0, sizeY = 0, sizeZ = 0] = size;
  const [rowsX = [], rowsY = [], rowsZ = []] = rows;
  const box = new Float32Array(sizeX * sizeY * sizeZ);
  let from = 0;
  for (const x of rowsX) {
    for (const y of rowsY) {
      if (!(x >= 0 && x < sizeX && y >= 0 && y < sizeY)) {
        from += rowsZ.length;
        continue;
      }
      const row = (x * sizeY + y) * sizeZ;
      for (const z of rowsZ) {
        if (z >= 0 && z < sizeZ && mask?.[row + z] !== 0) box[row + z] = data[from]!;
        from++;
      }
    }
  }
  return tensor("float32", size, box);
}
