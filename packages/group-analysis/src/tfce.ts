import { type SortSpace, sortByKey, sortSpace, VoxplainError } from "@voxplain/core";
import { float64At, int32At, outside } from "./elements.ts";
import { type Connectivity, type Layout, tileLayout } from "./layout.ts";

/** The exponents of TFCE. */
export interface TfceExponents {
  /** Exponent of the extent. Default 0.5. */
  readonly E: number;
  /** Exponent of the height. Default 2. */
  readonly H: number;
}

/** The exponents of Smith & Nichols 2009 for volumes. */
export const defaultExponents: TfceExponents = { E: 0.5, H: 2 };

/** How `tfce` joins voxels and weighs them. */
export interface TfceOptions extends Partial<TfceExponents> {
  /** Default 6. */
  readonly connectivity?: Connectivity;
  /** Which sides count. Default "both"; the other side is 0. */
  readonly sides?: "both" | "positive" | "negative";
}

/**
 * Exact threshold-free cluster enhancement (Smith & Nichols 2009): ∫₀^t e(h)^E h^H dh, e(h) the size in voxels of the
 * component of {t ≥ h}, without steps: e is constant between the nodes of the component tree (Salembier et al. 1998), so each
 * node adds |c|^E (h_c^(H+1) − h_parent^(H+1)) / (H + 1). Negative values the same on −t, with a minus sign.
 * @param t Statistic of each voxel, finite.
 * @param shape Voxels along the axes of the image.
 * @param voxels Indices of the voxels in a row-major array of the shape, each once.
 * @throws VoxplainError `not-finite` for a statistic that is not finite.
 */
export function tfce(
  t: ArrayLike<number>,
  shape: readonly [number, number, number],
  voxels: ArrayLike<number>,
  options: TfceOptions = {},
): Float64Array {
  for (let v = 0; v < t.length; v++) {
    if (!Number.isFinite(t[v])) {
      throw new VoxplainError("not-finite", `TFCE needs finite values, and voxel ${voxels[v]} is ${t[v]}`);
    }
  }
  const { sides = "both", connectivity = 6, E = defaultExponents.E, H = defaultExponents.H } = options;
  const tree = componentTree(tileLayout(shape, voxels, connectivity));
  const result = new Float64Array(t.length);
  for (const side of sides === "both" ? (["positive", "negative"] as const) : [sides]) {
    tree.enhance(t, side === "positive" ? 1 : -1, { E, H }, result);
  }
  return result;
}

/** Arrays for the component trees of any number of maps of one layout, one after the other. */
export interface ComponentTree {
  /** One for each position of the layout: 0 between the maps, so that others can use them then. */
  readonly marks: Int32Array;
  /**
   * TFCE of one side of a map.
   * @param sign 1 for the positive side, −1 for the negative.
   * @param into Where the values go, with the side's sign; other voxels keep what they hold.
   * @returns The largest absolute value.
   */
  enhance(t: ArrayLike<number>, sign: 1 | -1, exponents: TfceExponents, into?: Float64Array): number;
}

export function componentTree(layout: Layout): ComponentTree {
  const voxels = layout.positions.length;
  const space = sortSpace(voxels);
  // At a position: 0 where no voxel was placed yet, the position of the parent in its set, or −size at the root of a set.
  const sets = new Int32Array(layout.size);
  // At the root of a set: the node of the tree that was placed last.
  const tops = new Int32Array(layout.size);
  const parents = new Int32Array(voxels);
  const sizes = new Int32Array(voxels);
  const heights = new Float32Array(voxels);
  const values = new Float64Array(voxels);
  let scattered: Float64Array | undefined;
  return {
    marks: sets,
    enhance(t, sign, exponents, into) {
      const count = sortSide(t, sign, layout.positions, space, heights);
      grow(layout, space.payload, count, sets, tops, parents, sizes);
      const largest = accumulate(count, exponents, parents, sizes, heights, values);
      for (let rank = 0; rank < count; rank++) sets[int32At(space.payload, rank)] = 0;
      if (into !== undefined) {
        scattered ??= new Float64Array(layout.size);
        for (let rank = 0; rank < count; rank++) {
          scattered[int32At(space.payload, rank)] = float64At(values, rank);
        }
        for (let v = 0; v < voxels; v++) {
          const value = t[v];
          if (value === undefined) throw outside(v);
          if (value * sign > 0) into[v] = sign * float64At(scattered, int32At(layout.positions, v));
        }
      }
      return largest;
    },
  };
}

const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

/** The bits of a positive float32 grow with the number. */
function bitsOf(value: number): number {
  asFloat[0] = value;
  return int32At(asBits, 0);
}

/** Positions of the voxels of one side in `space.payload`, the largest first, and their heights. */
function sortSide(
  t: ArrayLike<number>,
  sign: 1 | -1,
  positions: Int32Array,
  space: SortSpace,
  heights: Float32Array,
): number {
  const { keys, payload } = space;
  let count = 0;
  for (let v = 0; v < positions.length; v++) {
    const value = t[v];
    const position = positions[v];
    if (value === undefined || position === undefined) throw outside(v);
    const height = value * sign;
    if (!(height > 0)) continue;
    keys[count] = 0x7fffffff - bitsOf(height);
    payload[count] = position;
    count++;
  }
  sortByKey(space, count);
  const sorted = space.keys;
  const bits = new Uint32Array(heights.buffer, heights.byteOffset, heights.length);
  for (let rank = 0; rank < count; rank++) {
    const key = sorted[rank];
    if (key === undefined) throw outside(rank);
    bits[rank] = 0x7fffffff - key;
  }
  return count;
}

/**
 * Places voxels from the highest down; each becomes a node, the parent of the nodes on top of the sets that it joins
 * (Najman & Couprie 2006). Sets are joined by size, so that the root of a large one stays where it is.
 */
function grow(
  { neighbours, connectivity }: Layout,
  order: Int32Array,
  count: number,
  sets: Int32Array,
  tops: Int32Array,
  parents: Int32Array,
  sizes: Int32Array,
): void {
  for (let rank = 0; rank < count; rank++) {
    const position = order[rank];
    if (position === undefined) throw outside(rank);
    let root = position;
    let size = 1;
    sets[position] = -1;
    const from = (position & 63) * connectivity;
    for (let k = from; k < from + connectivity; k++) {
      const step = neighbours[k];
      if (step === undefined) throw outside(k);
      const neighbour = position + step;
      const link = sets[neighbour];
      if (link === undefined) throw outside(neighbour);
      if (link === 0) continue;
      let found = neighbour;
      if (link > 0) {
        found = link;
        let next = sets[found];
        while (next !== undefined && next > 0) {
          found = next;
          next = sets[found];
        }
        if (found !== link) sets[neighbour] = found;
      }
      if (found === root) continue;
      const top = tops[found];
      const negative = sets[found];
      if (top === undefined || negative === undefined) throw outside(found);
      parents[top] = rank;
      const other = -negative;
      if (other > size) {
        sets[root] = found;
        root = found;
      } else {
        sets[found] = root;
      }
      size += other;
      sets[root] = -size;
    }
    parents[rank] = -1;
    tops[root] = rank;
    sizes[rank] = size;
  }
}

/** From the roots up: the value of a node is its parent's plus the part between their heights. */
function accumulate(
  count: number,
  { E, H }: TfceExponents,
  parents: Int32Array,
  sizes: Int32Array,
  heights: Float32Array,
  values: Float64Array,
): number {
  const usual = E === 0.5 && H === 2;
  let largest = 0;
  for (let rank = count - 1; rank >= 0; rank--) {
    const parent = parents[rank];
    const height = heights[rank];
    const size = sizes[rank];
    if (parent === undefined || height === undefined || size === undefined) throw outside(rank);
    const below = parent < 0 ? 0 : heights[parent];
    const inherited = parent < 0 ? 0 : values[parent];
    if (below === undefined || inherited === undefined) throw outside(parent);
    let value = inherited;
    if (height > below) {
      value += usual
        ? (Math.sqrt(size) * (height * height * height - below * below * below)) / 3
        : (size ** E * (height ** (H + 1) - below ** (H + 1))) / (H + 1);
    }
    values[rank] = value;
    if (value > largest) largest = value;
  }
  return largest;
}
