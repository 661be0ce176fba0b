import { elementCount } from "./tensor.ts";

/**
 * Resizes the spatial axes of [...from] to [...to] by linear interpolation along each (bilinear, trilinear):
 * voxel k of the result lies at (k + ½) · from/to − ½, held within the first and last voxel. This is PyTorch's
 * interpolate with align_corners=False, which MONAI and pytorch-grad-cam use.
 */
export function resizeLinear(
  values: Float64Array,
  from: readonly number[],
  to: readonly number[],
): Float64Array {
  let result = values;
  let dims = [...from];
  to.forEach((length, axis) => {
    result = resizeAxis(result, dims, axis, length);
    dims = dims.with(axis, length);
  });
  return result;
}

function resizeAxis(
  values: Float64Array,
  dims: readonly number[],
  axis: number,
  length: number,
): Float64Array {
  const before = dims[axis]!;
  if (before === length) return values;
  const stride = elementCount(dims.slice(axis + 1));
  const blocks = elementCount(dims.slice(0, axis));
  const result = new Float64Array(blocks * length * stride);
  for (let position = 0; position < length; position++) {
    const source = Math.max(((position + 0.5) * before) / length - 0.5, 0);
    const low = Math.min(Math.floor(source), before - 1);
    const high = Math.min(low + 1, before - 1);
    const weight = source - low;
    for (let block = 0; block < blocks; block++) {
      const lowRow = (block * before + low) * stride;
      const highRow = (block * before + high) * stride;
      const at = (block * length + position) * stride;
      for (let k = 0; k < stride; k++) {
        result[at + k] = (1 - weight) * values[lowRow + k]! + weight * values[highRow + k]!;
      }
    }
  }
  return result;
}
