import type { RegionMask } from "./region-masks.ts";

/** A copy of a box of a volume, both row-major. */
export function cutBox(
  data: Float32Array,
  grid: readonly number[],
  start: readonly number[],
  size: readonly number[],
): Float32Array {
  const [, gridY = 1, gridZ = 1] = grid;
  const [startX = 0, startY = 0, startZ = 0] = start;
  const [sizeX = 1, sizeY = 1, sizeZ = 1] = size;
  const box = new Float32Array(sizeX * sizeY * sizeZ);
  for (let x = 0, to = 0; x < sizeX; x++) {
    for (let y = 0; y < sizeY; y++, to += sizeZ) {
      const from = ((startX + x) * gridY + startY + y) * gridZ + startZ;
      if (sizeZ === 1) box[to] = data[from]!;
      else box.set(data.subarray(from, from + sizeZ), to);
    }
  }
  return box;
}

/** The region as it is in the image, zero outside the mask: the image's size, or without empty rows. */
export function cutRegion(data: Float32Array, mask: RegionMask, uncropped: boolean): Float32Array {
  const { grid, start, size, inBox } = mask;
  const [, gridY = 0, gridZ = 0] = grid;
  const [, boxY = 0, boxZ = 0] = size;
  const [startX = 0, startY = 0, startZ = 0] = start;
  const [rowsX, rowsY, rowsZ] = mask.rows as [number[], number[], number[]];
  const region = new Float32Array(uncropped ? data.length : rowsX.length * rowsY.length * rowsZ.length);
  let next = 0;
  for (const x of rowsX) {
    for (const y of rowsY) {
      const inImage = ((startX + x) * gridY + startY + y) * gridZ + startZ;
      const inMask = (x * boxY + y) * boxZ;
      for (const z of rowsZ) {
        const value = data[inImage + z]! * inBox[inMask + z]!;
        region[uncropped ? inImage + z : next++] = value;
      }
    }
  }
  return region;
}

/** For each axis of a region's input the row of the mask's box it shows; those outside the box are outside its range. */
export function regionRows(
  { grid, start, rows }: RegionMask,
  uncropped: boolean,
): readonly (readonly number[])[] {
  if (!uncropped) return rows;
  return grid.map((length, axis) => Array.from({ length }, (_, row) => row - start[axis]!));
}
