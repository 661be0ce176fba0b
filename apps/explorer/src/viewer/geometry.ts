import { indexOfVoxel, strongestIndex, type Volume, type Voxel, voxelAt } from "@voxplain/core";

export function valueAt({ data, shape }: Volume, voxel: Voxel): number {
  return data[indexOfVoxel(voxel, shape)] ?? Number.NaN;
}

/** The voxel with the largest absolute value; the first of several. */
export function strongestVoxel({ data, shape }: Volume): Voxel {
  return voxelAt(strongestIndex(data) ?? 0, shape);
}
