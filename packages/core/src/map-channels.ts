import { elementAt } from "./element-at.ts";
import { elementCount, type Tensor, tensor } from "./tensor.ts";
import type { Affine, Volume } from "./volume.ts";

/**
 * The channels of a map as one value per voxel: their sum, in float64, rounded once. NIfTI files and pictures show this, so
 * that what a voxel contributes in all is seen; only `map.*` of `voxplain interpret` shows the first channel, as ClinicaDL.
 * @param map - [C, X, Y, Z] or [C, H, W].
 * @returns [X, Y, Z] or [H, W]; the map's own values where it has one channel.
 */
export function channelSum({ dims: [channels = 1, ...spatial], data }: Tensor<"float32">): Tensor<"float32"> {
  if (channels === 1) return tensor("float32", spatial, data);
  const size = elementCount(spatial);
  const sums = new Float32Array(size).map((_, voxel) => {
    let sum = 0;
    for (let at = voxel; at < data.length; at += size) sum += elementAt(data, at);
    return sum;
  });
  return tensor("float32", spatial, sums);
}

/** [X, Y, Z] of [C, X, Y, Z], [H, W] of [C, H, W]: a view, not a copy. */
export function firstChannel({ dims: [, ...spatial], data }: Tensor<"float32">): Tensor<"float32"> {
  return tensor("float32", spatial, data.subarray(0, elementCount(spatial)));
}

/**
 * A map as the volume that a NIfTI file holds, its channels summed; a 2D map is one voxel deep.
 * @param map - [C, X, Y, Z] or [C, H, W].
 */
export function mapVolume(map: Tensor<"float32">, affine: Affine): Volume {
  const { dims, data } = channelSum(map);
  const [x = 1, y = 1, z = 1] = dims;
  return { data, shape: [x, y, z], affine };
}
