import { elementAt, pauses, stepByStep, VoxplainError } from "@voxplain/core";
import type { Design, DesignRow } from "./design.ts";
import { float32At, float64At, int32At, outside } from "./elements.ts";
import { type Grid, voxelCount } from "./grid.ts";
import { type KeptRows, type RowMemory, rowKeeper } from "./kept-rows.ts";
import type { MatrixStore, StoredMatrix } from "./matrix-blocks.ts";
import { type RegionAtlas, type RegionRow, regionTable } from "./regions.ts";
import type { RowMatrix } from "./row-matrix.ts";
import type { RunOptions } from "./run-options.ts";
import { sharedInt32 } from "./shared-memory.ts";
import { smoothSteps } from "./smooth.ts";
import { type MapValues, type Normalization, prepareMap } from "./values.ts";

/** What the value of a region in a map is. */
export type RegionValue = "mean" | "meanAbs" | "sum" | "share";

/** How maps become rows of data. */
export interface RowDataOptions extends RunOptions {
  /** What of each map is analysed. Default "signed". */
  readonly values?: MapValues;
  /** What each map is divided by, over its finite voxels in the mask. Default "none". */
  readonly normalize?: Normalization;
  /** Full width at half maximum of the Gaussian that rows are smoothed with, mm. Default 0: none. */
  readonly fwhm?: number;
  /** What the value of a region in a map is, before smoothing. Default "mean". */
  readonly regionValue?: RegionValue;
  /** How much memory rows × voxels of the mask may take, and where they are kept if they take more. Default: all in memory. */
  readonly memory?: RowMemory;
}

/** Maps of a comparison as they come in. */
export interface ComparedMaps {
  /** Rows and model. */
  readonly design: Design;
  /** Where the voxels of all maps are. */
  readonly grid: Grid;
  /** The maps of `design.maps`, in that order: pulled once, one at a time. Row-major over the grid. */
  readonly maps: AsyncIterable<ArrayLike<number>> | Iterable<ArrayLike<number>>;
  /** Voxels that are not 0 are analysed. Default: all. */
  readonly mask?: ArrayLike<number>;
  /** Regions to test, on the same grid. */
  readonly atlas?: RegionAtlas;
}

/** The data of all rows. */
export interface RowData {
  /** Indices of the analysed voxels in a row-major array. */
  readonly voxels: Int32Array;
  /** Rows × analysed voxels, in shared memory where there is some, or in a store. */
  readonly matrix: RowMatrix | StoredMatrix;
  /** What has the matrix, where it is not in memory. */
  readonly store: MatrixStore | undefined;
  /** Means of the rows' first parts and of what is compared with them. */
  readonly meanA: Float64Array;
  /** Undefined for one sample. */
  readonly meanB: Float64Array | undefined;
  /** Values of each region: those of A and of B by row (NaN where a row has none), and voxels that are finite in all rows. */
  readonly regions: readonly RegionData[];
  /** Sentences for the user. */
  readonly warnings: readonly string[];
}

/** One region in all rows. */
export interface RegionData {
  /** By row; NaN in rows of group B. */
  readonly a: Float64Array;
  /** By row; NaN in rows of group A unless paired. */
  readonly b: Float64Array;
  /** What is fitted, by row. */
  readonly y: Float64Array;
  /** Voxels of the region in the mask that are finite in all rows. */
  readonly voxels: number;
}

type Values = Float32Array | Float64Array;

/** Pulls the maps once, and keeps float32 values of the voxels in the mask: rows × voxels × 4 bytes, in memory or in a store. */
export async function rowData(input: ComparedMaps, options: RowDataOptions): Promise<RowData> {
  const { design, grid, mask, atlas } = input;
  const inMask = maskVoxels(grid, mask);
  const { rows } = design;
  const { keeper, store } = rowKeeper(rows.length, inMask.length, options.memory);
  const values = new Float32Array(inMask.length);
  const finite = new Uint8Array(inMask.length).fill(1);
  const sumA = new Float64Array(inMask.length);
  const sumB = new Float64Array(inMask.length);
  const regions = (atlas?.regions ?? []).map(() => ({
    a: new Float64Array(rows.length).fill(Number.NaN),
    b: new Float64Array(rows.length).fill(Number.NaN),
  }));
  const source = mapSource(input, options);
  const { fwhm = 0, regionValue = "mean" } = options;
  const pause = pauses(options.signal);
  const smoothed = async (map: Values): Promise<Values> =>
    fwhm > 0 ? stepByStep(smoothSteps(map, grid, fwhm), options.signal) : map;
  const found = ({ matrix, places, warnings }: KeptRows): RowData => {
    // In place: nothing is written where something is still to be read.
    const pick = (sums: Float64Array, count: number) => {
      places.forEach((v, k) => {
        sums[k] = float64At(sums, v) / count;
      });
      return sums.subarray(0, places.length);
    };
    const voxels = sharedInt32(places.length);
    places.forEach((v, k) => {
      voxels[k] = int32At(inMask, v);
    });
    return {
      voxels,
      matrix,
      store,
      meanA: pick(sumA, design.nA),
      meanB: design.nB > 0 ? pick(sumB, design.nB) : undefined,
      regions: regions.map(({ a, b }, k) => ({
        a,
        b,
        y: a.map((value, r) => {
          const other = float64At(b, r);
          return design.paired ? value - other : rows[r]?.group === "a" ? value : other;
        }),
        voxels: atlas === undefined ? 0 : countRegion(atlas, k + 1, inMask, finite),
      })),
      warnings: [...source.warnings(), ...warnings, ...few(places.length, inMask.length, mask)],
    };
  };
  try {
    for (const [r, row] of rows.entries()) {
      const a = await source.average(row, "a");
      const b = await source.average(row, "b");
      for (const [map, name] of [
        [a, "a"],
        [b, "b"],
      ] as const) {
        if (map === undefined || atlas === undefined) continue;
        regionTable(map, atlas, mask)
          .slice(1)
          .forEach((found, k) => {
            elementAt(regions, k)[name][r] = found[regionValue satisfies keyof RegionRow] ?? Number.NaN;
          });
      }
      const data = rowValues(a, b);
      const shown = await smoothed(data);
      inMask.forEach((index, v) => {
        // A voxel that is missing in a map stays missing, also where smoothing would fill it from its neighbours.
        const value = shown[index];
        if (value === undefined) throw outside(index);
        if (!Number.isFinite(data[index])) finite[v] = 0;
        values[v] = value;
      });
      keeper.add(r, values);
      for (const [map, sums] of [
        [a, sumA],
        [b, sumB],
      ] as const) {
        if (map === undefined) continue;
        const part = map === data ? shown : await smoothed(map);
        inMask.forEach((index, v) => {
          const value = part[index];
          if (value === undefined) throw outside(index);
          sums[v] = float64At(sums, v) + value;
        });
      }
      await pause();
    }
    await source.end();
    return found(keeper.finish(finite, design.model));
  } catch (error) {
    store?.remove();
    throw error;
  } finally {
    await source.close();
  }
}

/** What is compared of a row: the difference of a pair, else the map that it has. */
function rowValues(a: Values | undefined, b: Values | undefined): Values {
  const only = a ?? b;
  if (only === undefined) throw new RangeError("a row has no map");
  if (a === undefined || b === undefined) return only;
  return a.map((value, v) => {
    const other = b[v];
    if (other === undefined) throw outside(v);
    return value - other;
  });
}

function few(analysedCount: number, inMask: number, mask: ArrayLike<number> | undefined): string[] {
  if (mask === undefined || 2 * analysedCount >= inMask) return [];
  return [
    `only ${analysedCount} of the ${inMask} voxels in the mask are analysed: check that the mask fits the maps`,
  ];
}

function maskVoxels(grid: Grid, mask: ArrayLike<number> | undefined): Int32Array {
  const total = voxelCount(grid);
  if (mask !== undefined && mask.length !== total) {
    throw new VoxplainError(
      "mismatch",
      `the mask has ${mask.length} voxels, and the maps ${total}: bring it onto their grid first`,
    );
  }
  let count = 0;
  for (let v = 0; v < total; v++) if (mask === undefined || mask[v] !== 0) count++;
  const voxels = new Int32Array(count);
  let at = 0;
  for (let v = 0; v < total; v++) if (mask === undefined || mask[v] !== 0) voxels[at++] = v;
  return voxels;
}

function mapSource(
  { design, grid, maps, mask }: ComparedMaps,
  { values = "signed", normalize = "none", signal, onProgress }: RowDataOptions,
) {
  const iterator = Symbol.asyncIterator in maps ? maps[Symbol.asyncIterator]() : maps[Symbol.iterator]();
  const total = design.maps.length;
  const masses: Record<"a" | "b", number[]> = { a: [], b: [] };
  let done = 0;
  let negative = false;
  let finished = false;
  const next = async (name: string, source: "a" | "b"): Promise<Float32Array> => {
    signal?.throwIfAborted();
    const found = await iterator.next();
    if (found.done === true) {
      finished = true;
      throw new VoxplainError("mismatch", `the design has ${total} maps, and only ${done} came`);
    }
    if (found.value.length !== voxelCount(grid)) {
      throw new VoxplainError(
        "mismatch",
        `the map of ${name} has ${found.value.length} voxels, and the grid ${voxelCount(grid)}`,
      );
    }
    const prepared = prepareMap(found.value, {
      values,
      normalize,
      name,
      ...(mask === undefined ? {} : { mask }),
    });
    negative ||= prepared.some((m) => m < 0);
    masses[source].push(meanMass(prepared, mask));
    done++;
    onProgress?.({ phase: "maps", done, total });
    return prepared;
  };
  return {
    /** The mean of a row's maps of one source; undefined if it has none. A voxel that is missing in one is missing. */
    async average(row: DesignRow, source: "a" | "b"): Promise<Values | undefined> {
      const count = row[source].length;
      const nameAt = (k: number) => [row.participant, row.sessions[k]].filter(Boolean).join(", ");
      if (count === 0) return undefined;
      const first = await next(nameAt(0), source);
      if (count === 1) return first;
      const sum = Float64Array.from(first);
      for (let k = 1; k < count; k++) {
        const more = await next(nameAt(k), source);
        for (let v = 0; v < sum.length; v++) sum[v] = float64At(sum, v) + float32At(more, v);
      }
      return sum.map((value) => value / count);
    },
    async end(): Promise<void> {
      finished = (await iterator.next()).done === true;
      if (!finished) throw new VoxplainError("mismatch", `the design has ${total} maps, and more came`);
    },
    async close(): Promise<void> {
      if (!finished) await iterator.return?.();
    },
    warnings(): string[] {
      const warnings: string[] = [];
      if (values === "signed" && !negative) {
        warnings.push(
          "no map has a negative value: they seem to be absolute already, or to hold one sign only",
        );
      }
      if (design.nB === 0 && values !== "signed") {
        warnings.push(
          `${values} values are compared with 0: sign flips mean nothing where all values have one sign`,
        );
      } else if (design.nB === 0 && !negative) {
        warnings.push("maps without negative values are compared with 0: sign flips mean nothing there");
      }
      const [a, b] = [average(masses.a), average(masses.b)];
      if (normalize === "none" && design.nB > 0 && Math.max(a, b) > 10 * Math.min(a, b)) {
        warnings.push(
          `the mean of |m| is ${a.toPrecision(3)} in A and ${b.toPrecision(3)} in B: groups that differ more than tenfold in scale should be normalized (--normalize)`,
        );
      }
      return warnings;
    },
  };
}

function meanMass(map: Float32Array, mask: ArrayLike<number> | undefined): number {
  let sum = 0;
  let count = 0;
  for (let v = 0; v < map.length; v++) {
    const value = float32At(map, v);
    if (Number.isNaN(value) || (mask !== undefined && mask[v] === 0)) continue;
    sum += Math.abs(value);
    count++;
  }
  return count > 0 ? sum / count : 0;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function countRegion({ places }: RegionAtlas, place: number, inMask: Int32Array, finite: Uint8Array): number {
  let count = 0;
  inMask.forEach((index, v) => {
    if (finite[v] === 1 && places[index] === place) count++;
  });
  return count;
}
