import {
  elementCount,
  type ImageBox,
  rowMajorStrides,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import { addBytes, addCounts, addScaled, addSum } from "./numerics/vectors.ts";

/** The sum of maps at each voxel of an image, and how many there are. */
export interface RecomposedSum {
  /** Voxels of the image along its three axes. */
  readonly grid: readonly number[];
  /** One value for each voxel, row-major; float32 where no maps overlap, which is exact. */
  readonly sum: Float64Array | Float32Array;
  /** How many maps cover each voxel; bytes where no maps overlap. */
  readonly coverage: Uint32Array | Uint8Array;
}

/** Maps of parts, put back at the positions of the parts. */
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
 * are added, and less than half of it as long as no maps overlap.
 * @param grid - Voxels of the image along its three axes.
 */
export function recomposition(grid: readonly number[]): Recomposition {
  const length = elementCount(grid);
  const strides = rowMajorStrides(grid);
  let apart: Apart | undefined;
  let summed: Summed | undefined;
  /** Where maps are, as long as they do not overlap. */
  let boxes: ImageBox[] | undefined = [];
  const inFloat32 = () => {
    apart ??= { sum: new Float32Array(length), count: new Uint8Array(length) };
    return apart;
  };
  const inFloat64 = () => {
    summed ??= { sum: new Float64Array(length), count: new Uint32Array(length) };
    if (boxes !== undefined && boxes.length > 0 && apart !== undefined) {
      summed.sum.set(apart.sum);
      summed.count.set(apart.count);
    }
    if (boxes !== undefined) apart = undefined;
    boxes = undefined;
    return summed;
  };
  const held = () => (boxes === undefined ? inFloat64() : inFloat32());
  return {
    add(map, box) {
      check(map, box, grid);
      if (boxes === undefined || boxes.some((other) => overlap(other, box))) {
        addBox(inFloat64(), strides, map, box);
        return;
      }
      placeBox(inFloat32(), strides, map, box);
      boxes.push(box);
    },
    addSum(added) {
      if (added.grid.join() !== grid.join()) {
        throw new VoxplainError("mismatch", "maps on different grids cannot be averaged", {
          expected: grid.join("×"),
          found: added.grid.join("×"),
        });
      }
      const { sum, count } = inFloat64();
      if (added.sum instanceof Float32Array) addScaled(sum, added.sum, 0, 1);
      else addSum(sum, added.sum);
      if (added.coverage instanceof Uint8Array) addBytes(count, added.coverage);
      else addCounts(count, added.coverage);
    },
    sum() {
      const { sum, count } = held();
      return { grid, sum, coverage: count };
    },
    clear() {
      for (const one of [apart, summed]) {
        one?.sum.fill(0);
        one?.count.fill(0);
      }
      boxes = [];
    },
    mean() {
      const { sum, count } = held();
      const data = new Float32Array(length);
      for (let k = 0; k < length; k++) if (count[k]! > 0) data[k] = sum[k]! / count[k]!;
      return tensor("float32", grid, data);
    },
    coverage: () => tensor("float32", grid, Float32Array.from(held().count)),
  };
}

/** Maps of which no two overlap: what each voxel has is exact in float32. */
interface Apart {
  readonly sum: Float32Array;
  readonly count: Uint8Array;
}

interface Summed {
  readonly sum: Float64Array;
  readonly count: Uint32Array;
}

function overlap(one: ImageBox, other: ImageBox): boolean {
  return one.start.every((start, axis) => {
    const [from = 0, own = 0, length = 0] = [other.start[axis], one.size[axis], other.size[axis]];
    return start < from + length && from < start + own;
  });
}

/** Where nothing else is. */
function placeBox(
  { sum, count }: Apart,
  strides: readonly number[],
  map: Float32Array,
  { start, size, mask }: ImageBox,
): void {
  const [x0 = 0, y0 = 0, z0 = 0] = start;
  const [sizeX = 0, sizeY = 0, sizeZ = 0] = size;
  const [strideX = 0, strideY = 0] = strides;
  let from = 0;
  for (let x = 0; x < sizeX; x++) {
    for (let y = 0; y < sizeY; y++, from += sizeZ) {
      const row = (x0 + x) * strideX + (y0 + y) * strideY + z0;
      if (mask !== undefined) {
        for (let z = 0; z < sizeZ; z++) {
          if (mask[from + z] === 0) continue;
          sum[row + z] = map[from + z]! + 0;
          count[row + z] = 1;
        }
        continue;
      }
      // Adding 0 makes 0 of −0, as a sum has it.
      for (let z = 0; z < sizeZ; z++) sum[row + z] = map[from + z]! + 0;
      for (let z = 0; z < sizeZ; z++) count[row + z] = 1;
    }
  }
}

function addBox(
  { sum, count }: Summed,
  strides: readonly number[],
  map: Float32Array,
  { start, size, mask }: ImageBox,
): void {
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
