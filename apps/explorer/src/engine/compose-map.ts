import { minMaxInPlace, toImageGradient } from "@voxplain/caps-io";
import { elementCount, type Tensor, type Volume, VoxplainError } from "@voxplain/core";
import { recomposition } from "@voxplain/saliency";
import type { ComputedPart } from "./compute-parts.ts";
import type { PreparedImage } from "./prepared-image.ts";

/** A map and the image below it, on one grid. */
export interface ComposedMap {
  /** As the method gave it; of parts put where the parts lie, [X, Y, Z]. */
  readonly stored: Tensor<"float32">;
  readonly shape: Volume["shape"];
  /** From 0 to 1. */
  readonly anatomy: Float32Array;
}

/** @throws VoxplainError `unsupported` for parts of which nothing says where they lie. */
export function composeMap(name: string, image: PreparedImage, parts: readonly ComputedPart[]): ComposedMap {
  const [first] = parts;
  if (first?.part.name === "image") {
    const anatomy = meanOfChannels(first.part.input);
    minMaxInPlace(anatomy);
    return { stored: first.map, shape: volumeShape(first.part.input.dims.slice(1)), anatomy };
  }
  const { grid } = image;
  if (grid === undefined) throw nowhere(name);
  const whole = recomposition(grid);
  for (const { part, map } of parts) {
    if (part.placement === undefined) throw nowhere(name);
    whole.add(toImageGradient(map, part, { throughNormalization: false }).data, part.placement);
  }
  return { stored: whole.mean(), shape: volumeShape(grid), anatomy: anatomyOf(image, grid, parts) };
}

/** The image that the parts were cut out of; of extracted parts what they cover of it. */
function anatomyOf(
  { whole }: PreparedImage,
  grid: readonly number[],
  parts: readonly ComputedPart[],
): Float32Array {
  if (whole !== undefined) {
    const values = whole.data.slice();
    minMaxInPlace(values);
    return values;
  }
  const pieces = recomposition(grid);
  for (const { part } of parts) {
    const { data } = part.original ?? part.input;
    const { placement } = part;
    if (placement && data.length === elementCount(placement.size)) pieces.add(data, placement);
  }
  const { data } = pieces.mean();
  minMaxInPlace(data);
  return data;
}

/** Of a map with channels one value for each voxel, summed in float64. */
export function sumOfChannels(data: Float32Array, shape: Volume["shape"]): Float32Array {
  const size = elementCount(shape);
  if (data.length === size) return data;
  const sums = Float64Array.from(data.subarray(0, size));
  for (let k = size; k < data.length; k++) sums[k % size]! += data[k]!;
  return Float32Array.from(sums);
}

function meanOfChannels({ dims, data }: Tensor<"float32">): Float32Array {
  const channels = dims[0]!;
  const size = data.length / channels;
  const mean = data.slice(0, size);
  for (let k = size; k < data.length; k++) mean[k % size]! += data[k]!;
  if (channels > 1) for (let k = 0; k < size; k++) mean[k]! /= channels;
  return mean;
}

/** Pictures are volumes one voxel deep. */
function volumeShape(spatial: readonly number[]): Volume["shape"] {
  const [x = 1, y = 1, z = 1] = spatial;
  return [x, y, z];
}

function nowhere(name: string): VoxplainError {
  return new VoxplainError(
    "unsupported",
    `${name} has extracted parts alone, and nothing says where they lie in the image: open a CAPS that has the image too`,
  );
}
