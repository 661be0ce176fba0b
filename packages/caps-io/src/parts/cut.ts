/** A region of an image: what is needed of its mask to cut it out. */
interface MaskedBox {
  readonly grid: readonly [number, number, number];
  readonly start: readonly [number, number, number];
  readonly size: readonly [number, number, number];
  /** 1 in the region, row-major over the box. */
  readonly inBox: Uint8Array;
  /** Along each axis the rows of the box in which the region has a voxel. */
  readonly rows: readonly [readonly number[], readonly number[], readonly number[]];
}

const longRow = 100;

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
      // A subarray costs as much as a hundred values.
      if (sizeZ > longRow) box.set(data.subarray(from, from + sizeZ), to);
      else for (let z = 0; z < sizeZ; z++) box[to + z] = data[from + z]!;
    }
  }
  return box;
}

/** The region as it is in the image, zero outside the mask: the image's size, or without empty rows. */
export function cutRegion(data: Float32Array, mask: MaskedBox, uncropped: boolean): Float32Array {
  const { grid, start, size, inBox } = mask;
  const [, gridY, gridZ] = grid;
  const [, boxY, boxZ] = size;
  const [startX, startY, startZ] = start;
  const [rowsX, rowsY, rowsZ] = mask.rows;
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
  { grid, start, rows }: MaskedBox,
  uncropped: boolean,
): readonly (readonly number[])[] {
  if (!uncropped) return rows;
  const shown = (axis: 0 | 1 | 2) => Array.from({ length: grid[axis] }, (_, row) => row - start[axis]);
  return [shown(0), shown(1), shown(2)];
}
