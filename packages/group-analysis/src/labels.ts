import {
  type Affine,
  type AffineRow,
  pointAt,
  type Voxel,
  VoxplainError,
  voxelLocator,
} from "@voxplain/core";
import { outside } from "./elements.ts";
import { type Grid, sameGrid, voxelCount } from "./grid.ts";

/** A label image or mask: its values, row-major, and where they are. */
export interface LabelImage extends Grid {
  /** Row-major over the shape. */
  readonly data: ArrayLike<number>;
}

/**
 * The whole numbers of a label image, each within 10⁻³ of what is stored.
 * @param name What messages call the image: its file.
 * @throws VoxplainError `invalid-file` for values that are not finite, negative or not whole.
 */
export function labelNumbers({ data }: LabelImage, name = "the atlas"): Int32Array {
  const labels = new Int32Array(data.length);
  for (let v = 0; v < labels.length; v++) {
    const value = data[v];
    if (value === undefined) throw outside(v);
    const whole = Math.round(value);
    if (Math.abs(value - whole) <= 1e-3 && whole >= 0 && whole <= 0x7fffffff) {
      labels[v] = whole;
      continue;
    }
    throw new VoxplainError(
      "invalid-file",
      `${name} is not a label image: it holds the value ${value}, and labels are whole numbers from 0. A probabilistic atlas has to be thresholded first`,
    );
  }
  return labels;
}

/**
 * Labels on another grid, by nearest neighbour in world space: index ⌊A⁻¹w + 0.5 + 10⁻⁶⌋ per axis for the voxel centre w,
 * so that half-way goes to the higher index; 0 outside the image.
 */
export function resampleLabels(labels: ArrayLike<number>, from: Grid, to: Grid): Int32Array {
  if (sameGrid(from, to)) return Int32Array.from(labels);
  const rows = voxelToVoxel(from.affine, to.affine);
  if (rows === undefined) return new Int32Array(voxelCount(to));
  const [r0, r1, r2] = rows;
  const [fx, fy, fz] = from.shape;
  const [nx, ny, nz] = to.shape;
  const result = new Int32Array(voxelCount(to));
  let v = 0;
  for (let x = 0; x < nx; x++) {
    for (let y = 0; y < ny; y++) {
      for (let z = 0; z < nz; z++, v++) {
        const i = Math.floor(r0[0] * x + r0[1] * y + r0[2] * z + r0[3] + halfWay);
        const j = Math.floor(r1[0] * x + r1[1] * y + r1[2] * z + r1[3] + halfWay);
        const k = Math.floor(r2[0] * x + r2[1] * y + r2[2] * z + r2[3] + halfWay);
        if (i < 0 || j < 0 || k < 0 || i >= fx || j >= fy || k >= fz) continue;
        const label = labels[(i * fy + j) * fz + k];
        if (label === undefined) throw outside((i * fy + j) * fz + k);
        result[v] = label;
      }
    }
  }
  return result;
}

const halfWay = 0.5 + 1e-6;

/**
 * A mask on the grid of the maps: 1 where the image is not 0, by nearest neighbour in world space.
 * @throws VoxplainError `mismatch` if it covers no voxel of the grid.
 */
export function resampleMask(image: LabelImage, to: Grid, name = "the mask"): Uint8Array {
  const inside = Uint8Array.from(image.data, (value) => (value === 0 || Number.isNaN(value) ? 0 : 1));
  const mask = Uint8Array.from(resampleLabels(inside, image, to));
  if (!mask.includes(1))
    throw new VoxplainError("mismatch", `${name} does not overlap the maps: check its affine`);
  return mask;
}

/** Voxel indices of one grid to those of another, as three rows: A⁻¹B. Undefined where A puts its voxels on a plane. */
function voxelToVoxel(a: Affine, b: Affine): readonly [AffineRow, AffineRow, AffineRow] | undefined {
  const locate = voxelLocator(a);
  if (locate === undefined) return undefined;
  const at = (voxel: Voxel) => locate(pointAt(voxel, b));
  const [start, x, y, z] = [at([0, 0, 0]), at([1, 0, 0]), at([0, 1, 0]), at([0, 0, 1])] as const;
  const row = (k: 0 | 1 | 2): AffineRow => [x[k] - start[k], y[k] - start[k], z[k] - start[k], start[k]];
  return [row(0), row(1), row(2)];
}
