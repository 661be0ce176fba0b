import { outside } from "./elements.ts";
import type { Grid } from "./grid.ts";

/** Which voxels touch: by faces (6), also by edges (18), also by corners (26). */
export type Connectivity = 6 | 18 | 26;

/**
 * Where analysed voxels are in memory: tiles of 4×4×4 of their bounding box with a margin of one voxel, so that
 * neighbours are mostly in the same few cache lines and never need a check of the border.
 */
export interface Layout {
  /** For each analysed voxel its position; never 0. */
  readonly positions: Int32Array;
  /** How many positions there are. */
  readonly size: number;
  /** How many neighbours a voxel has. */
  readonly connectivity: Connectivity;
  /** For each of the 64 places in a tile the offsets of the neighbours. */
  readonly neighbours: Int32Array;
}

/** @param voxels Indices of a row-major array of the shape. */
export function tileLayout(
  [, ny, nz]: Grid["shape"],
  voxels: ArrayLike<number>,
  connectivity: Connectivity,
): Layout {
  let [lowX, lowY, lowZ] = [Infinity, Infinity, Infinity];
  let [highX, highY, highZ] = [-Infinity, -Infinity, -Infinity];
  for (let v = 0; v < voxels.length; v++) {
    const index = voxels[v];
    if (index === undefined) throw outside(v);
    const x = Math.floor(index / (ny * nz));
    const y = Math.floor(index / nz) % ny;
    const z = index % nz;
    lowX = Math.min(lowX, x);
    lowY = Math.min(lowY, y);
    lowZ = Math.min(lowZ, z);
    highX = Math.max(highX, x);
    highY = Math.max(highY, y);
    highZ = Math.max(highZ, z);
  }
  const tiles = (low: number, high: number) => (voxels.length === 0 ? 0 : Math.ceil((high - low + 3) / 4));
  const [tx, ty, tz] = [tiles(lowX, highX), tiles(lowY, highY), tiles(lowZ, highZ)];
  const [x0, y0, z0] = [lowX - 1, lowY - 1, lowZ - 1];
  const positions = new Int32Array(voxels.length);
  for (let v = 0; v < voxels.length; v++) {
    const index = voxels[v];
    if (index === undefined) throw outside(v);
    const x = Math.floor(index / (ny * nz)) - x0;
    const y = (Math.floor(index / nz) % ny) - y0;
    const z = (index % nz) - z0;
    positions[v] =
      ((((x >> 2) * ty + (y >> 2)) * tz + (z >> 2)) << 6) | ((x & 3) << 4) | ((y & 3) << 2) | (z & 3);
  }
  const steps = stepsOf(connectivity);
  const neighbours = new Int32Array(64 * steps.length);
  for (let place = 0; place < 64; place++) {
    steps.forEach(([dx, dy, dz], k) => {
      const [x, y, z] = [(place >> 4) + dx, ((place >> 2) & 3) + dy, (place & 3) + dz];
      const tile = ((x >> 2) * ty + (y >> 2)) * tz + (z >> 2);
      neighbours[place * steps.length + k] = tile * 64 + (((x & 3) << 4) | ((y & 3) << 2) | (z & 3)) - place;
    });
  }
  return { positions, size: tx * ty * tz * 64, connectivity, neighbours };
}

function stepsOf(connectivity: Connectivity): (readonly [number, number, number])[] {
  const distance = { 6: 1, 18: 2, 26: 3 }[connectivity];
  const steps = [];
  for (const x of [-1, 0, 1]) {
    for (const y of [-1, 0, 1]) {
      for (const z of [-1, 0, 1]) {
        const apart = Math.abs(x) + Math.abs(y) + Math.abs(z);
        if (apart > 0 && apart <= distance) steps.push([x, y, z] as const);
      }
    }
  }
  return steps;
}
