import {
  elementCount,
  type ImageBox,
  rowMajorStrides,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import { addSum } from "./numerics/vectors.ts";

/** The sum of maps at each voxel of an image, and how many there are. */
export interface RecomposedSum {
  /** Voxels of the image along its three axes. */
  readonly grid: readonly number[];
  /** One value for each voxel, row-major. */
  readonly sum: Float64Array;
  /** How many maps cover each voxel. */
  readonly coverage: Uint32Array;
}

/** Maps of parts, put where the parts lie. */
export interface Recomposition {
  /**
   * @param map - One value per voxel of the box, row-major; those outside the mask do not count.
   * @throws VoxplainError `mismatch` where the map does not fill the box, or the box leaves the image.
   */
  add(map: Float32Array, box: ImageBox): void;
  /** Adds what another one holds. @throws VoxplainError `mismatch` for another grid. */
  addSum(sum: RecomposedSum): void;
  /** What was added so far: views, which the next addition changes. */
  sum(): RecomposedSum;
  /** Forgets what was added, and keeps the memory. */
  clear(): void;
  /** In the shape of the grid: the mean of the maps that cover a voxel, 0 where there is none. */
  mean(): Tensor<"float32">;
  /** In the shape of the grid: how many maps cover each voxel. */
  coverage(): Tensor<"float32">;
}

/**
 * Sums in float64 in the order in which maps are added. Its memory is that of one image, however many
 * are added.
 * @param grid - Voxels of the image along its three axes.
 */
export function recomposition(grid: readonly number[]): Recomposition {
  const sum = new Float64Array(elementCount(grid));
  const count = new Uint32Array(sum.length);
  return {
    add(map, box) {
      check(map, box, grid);
      addBox({ sum, count, strides: rowMajorStrides(grid) }, map, box);
    },
    addSum(added) {
      if (added.grid.join() !== grid.join()) {
        throw new VoxplainError("mismatch", "maps on different grids cannot be averaged", {
          expected: grid.join("×"),
          found: added.grid.join("×"),
        });
      }
      addSum(sum, added.sum);
      for (let k = 0; k < count.length; k++) count[k]! += added.coverage[k]!;
    },
    sum: () => ({ grid, sum, coverage: count }),
    clear() {
      sum.fill(0);
      count.fill(0);
    },
    mean() {
      const data = new Float32Array(sum.length);
      for (let k = 0; k < data.length; k++) if (count[k]! > 0) data[k] = sum[k]! / count[k]!;
      return tensor("float32", grid, data);
    },
    coverage: () => tensor("float32", grid, Float32Array.from(count)),
  };
}

interface Sums {
  readonly sum: Float64Array;
  readonly count: Uint32Array;
  readonly strides: readonly number[];
}

function addBox({ sum, count, strides }: Sums, map: Float32Array, { start, size, mask }: ImageBox): void {
  const [x0 = 0, y0 = 0, z0 = 0] = start;
  const [sizeX = 0, sizeY = 0, sizeZ = 0] = size;
  const [strideX = 0, strideY = 0] = strides;
  let from = 0;
  for (let x = 0; x < sizeX; x++) {
    for (let y = 0; y < sizeY; y++) {
      const row = (x0 + x) * strideX + (y0 + y) * strideY + z0;
      for (let z = 0; z < sizeZ; z++, from++) {
        if (mask !== undefined && mask[from] === 0) continue;
        sum[row + z]! += map[from]!;
        count[row + z]!++;
      }
    }
  }
}

function check(map: Float32Array, { start, size }: ImageBox, grid: readonly number[]): void {
  const inside = size.every((length, axis) => {
    const [from = -1, most = 0] = [start[axis], grid[axis]];
    return from >= 0 && from + length <= most;
  });
  if (grid.length === 3 && size.length === 3 && inside && map.length === elementCount(size)) return;
  throw new VoxplainError(
    "mismatch",
    `a map of ${map.length} values cannot be put into the box of ${size.join("×")} voxels from ` +
      `[${start.join(", ")}] of an image of ${grid.join("×")} voxels`,
  );
}
