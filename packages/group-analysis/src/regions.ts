import { type Point, VoxplainError } from "@voxplain/core";
import { float64At, int32At, outside } from "./elements.ts";
import { type Grid, niftiIndex, voxelCenter, voxelCount, voxelVolume } from "./grid.ts";
import { type LabelImage, labelNumbers, resampleLabels } from "./labels.ts";

/** One region of an atlas. */
export interface Region {
  /** Its number in the atlas. */
  readonly index: number;
  /** From the table of labels, else `label-<index>`. */
  readonly name: string;
  /** Its volume in the atlas's own file, mm³. */
  readonly atlasVolume: number;
}

/** An atlas on the grid of the maps. */
export interface RegionAtlas {
  /** Where the maps' voxels are. */
  readonly grid: Grid;
  /** By index, without the background. */
  readonly regions: readonly Region[];
  /** For each voxel 0 (in no region) or the place of its region in `regions`, counted from 1. */
  readonly places: Int32Array;
}

/** Atlases have some hundred. An image of anything else has a label for each voxel, and tables would have a row for each and map. */
const mostRegions = 20_000;

/**
 * Brings an atlas onto the grid of the maps, by nearest neighbour in world space. Regions are those in the atlas
 * and those that only the names know (they have no voxels); 0 is background.
 * @param names Names by index.
 * @param file What messages call the atlas.
 * @throws VoxplainError `invalid-file` for an image that is not a label image or has more than 20,000 labels, `mismatch` if no region covers a voxel of the maps.
 */
export function regionAtlas(
  image: LabelImage,
  grid: Grid,
  names: ReadonlyMap<number, string> = new Map(),
  file = "the atlas",
): RegionAtlas {
  const labels = labelNumbers(image, file);
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const indices = [...new Set([...counts.keys(), ...names.keys()])].filter((index) => index !== 0);
  if (indices.length > mostRegions) {
    throw new VoxplainError("invalid-file", `${file} is not an atlas: it has too many different labels`, {
      expected: `at most ${mostRegions}`,
      found: String(indices.length),
    });
  }
  indices.sort((a, b) => a - b);
  const volume = voxelVolume(image);
  const regions = indices.map((index) => ({
    index,
    name: names.get(index) ?? `label-${index}`,
    atlasVolume: (counts.get(index) ?? 0) * volume,
  }));
  const placeOf = new Map(indices.map((index, k) => [index, k + 1]));
  const places = resampleLabels(labels, image, grid).map((label) => placeOf.get(label) ?? 0);
  if (!places.some((place) => place > 0)) {
    throw new VoxplainError(
      "mismatch",
      `${file} does not overlap the maps: no region covers a voxel of theirs`,
    );
  }
  return { grid, regions, places };
}

/** What a map holds in one region. `null` is not available. */
export interface RegionRow {
  /** Its number in the atlas; 0 for voxels in no region. */
  readonly index: number;
  /** Its name; "outside" for voxels in no region. */
  readonly name: string;
  /** Finite voxels of the region inside the mask. */
  readonly voxels: number;
  /** Their volume, mm³. */
  readonly volume: number;
  /** Their volume ÷ the region's volume in the atlas's file: below 0.9 the region is cut off. */
  readonly coverage: number | null;
  /** Σ m: the relevance sum of Böhle et al. 2019. */
  readonly sum: number | null;
  /** Σ m ÷ voxels: their relevance density. */
  readonly mean: number | null;
  /** Σ |m| ÷ voxels. */
  readonly meanAbs: number | null;
  /** Σ |m| ÷ Σ |m| over all voxels. */
  readonly share: number | null;
  /** The share ÷ the share of the volume: 1 is chance. */
  readonly enrichment: number | null;
  /** The value with the largest |m|, signed. */
  readonly peak: number | null;
  /** Where the peak is, mm. */
  readonly peakAt: Point | null;
}

/**
 * One row per region, `outside` (voxels in no region) first, so that shares add up to 1.
 * @param map Row-major over the atlas's grid; NaN and ±∞ are missing.
 * @param mask Voxels that are not 0 count. Default: all.
 */
export function regionTable(
  map: ArrayLike<number>,
  atlas: RegionAtlas,
  mask?: ArrayLike<number>,
): RegionRow[] {
  const { grid, regions, places } = atlas;
  if (map.length !== voxelCount(grid)) {
    throw new VoxplainError(
      "mismatch",
      `a map has ${map.length} voxels, and the grid of the atlas ${voxelCount(grid)}`,
    );
  }
  const size = regions.length + 1;
  const voxels = new Float64Array(size);
  const sums = new Float64Array(size);
  const masses = new Float64Array(size);
  const peaks = new Float64Array(size);
  const peakIndices = new Int32Array(size).fill(-1);
  for (let v = 0; v < map.length; v++) {
    const m = map[v];
    if (m === undefined) throw outside(v);
    if (!Number.isFinite(m) || (mask !== undefined && mask[v] === 0)) continue;
    const place = int32At(places, v);
    const abs = Math.abs(m);
    voxels[place] = float64At(voxels, place) + 1;
    sums[place] = float64At(sums, place) + m;
    masses[place] = float64At(masses, place) + abs;
    const best = int32At(peakIndices, place);
    const largest = Math.abs(float64At(peaks, place));
    if (best < 0 || abs > largest || (abs === largest && before(grid, v, best))) {
      peaks[place] = m;
      peakIndices[place] = v;
    }
  }
  const mass = masses.reduce((sum, value) => sum + value, 0);
  const count = voxels.reduce((sum, value) => sum + value, 0);
  const volume = voxelVolume(grid);
  const elsewhere: Region = { index: 0, name: "outside", atlasVolume: 0 };
  return [elsewhere, ...regions].map(({ index, name, atlasVolume }, place) => {
    const n = float64At(voxels, place);
    const ownMass = float64At(masses, place);
    const sum = float64At(sums, place);
    const share = mass > 0 ? ownMass / mass : null;
    const has = n > 0;
    return {
      index,
      name,
      voxels: n,
      volume: n * volume,
      coverage: has && index > 0 ? (n * volume) / atlasVolume : null,
      sum: has ? sum : null,
      mean: has ? sum / n : null,
      meanAbs: has ? ownMass / n : null,
      share: has ? share : null,
      enrichment: has && share !== null ? share / (n / count) : null,
      peak: has ? float64At(peaks, place) : null,
      peakAt: has ? voxelCenter(grid, int32At(peakIndices, place)) : null,
    };
  });
}

function before(grid: Grid, one: number, other: number): boolean {
  return niftiIndex(grid.shape, one) < niftiIndex(grid.shape, other);
}
