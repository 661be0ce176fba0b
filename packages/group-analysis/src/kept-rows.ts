import { VoxplainError } from "@voxplain/core";
import { float32At, outside } from "./elements.ts";
import type { MatrixStore, StoredMatrix } from "./matrix-blocks.ts";
import type { Model } from "./model.ts";
import type { RowMatrix } from "./row-matrix.ts";
import { sharedFloat32 } from "./shared-memory.ts";

/** Rows × analysed voxels, and which voxels of the mask these are. */
export interface KeptRows {
  /** In memory, shared where there is such, or in the store. */
  readonly matrix: RowMatrix | StoredMatrix;
  /** Places among the voxels of the mask. */
  readonly places: Int32Array;
  /** Sentences for the user: which voxels are not analysed. */
  readonly warnings: readonly string[];
}

/** Takes rows as they come. */
export interface RowKeeper {
  /** The values of a row at the voxels of the mask. */
  add(row: number, values: Float32Array): void;
  /**
   * Keeps the voxels that are finite everywhere and not the same in all rows (one sample: not all 0).
   * @throws VoxplainError `mismatch` if there are none.
   */
  finish(finite: Uint8Array, model: Model): KeptRows;
}

/** Where rows may be kept. */
export interface RowMemory {
  /** Bytes that the rows may take in memory. */
  readonly limit: number;
  /** Makes a place for those that take more. */
  store(): MatrixStore;
}

/** Size of a block of all rows in a store: large enough to be read quickly. */
const blockBytes = 2 ** 22;

/** Keeps rows of so many voxels in memory; in a store while and as long as they take more than the limit. */
export function rowKeeper(
  rows: number,
  count: number,
  memory: RowMemory | undefined,
): { readonly keeper: RowKeeper; readonly store: MatrixStore | undefined } {
  if (memory === undefined || 4 * rows * count <= memory.limit) {
    return { keeper: inMemory(rows, count), store: undefined };
  }
  const store = memory.store();
  return { keeper: inStore(rows, count, store, memory.limit), store };
}

function inMemory(rows: number, count: number): RowKeeper {
  const matrix = sharedFloat32(rows * count);
  return {
    add: (row, values) => matrix.set(values, row * count),
    finish(finite, model) {
      const varying = varyingColumns({ data: matrix, columns: count }, rows, model);
      const { places, warnings } = analysed(finite, varying, model);
      return { matrix: compact(matrix, rows, count, places), places, warnings };
    },
  };
}

function inStore(rows: number, count: number, store: MatrixStore, limit: number): RowKeeper {
  const width = Math.max(1, Math.floor(blockBytes / (4 * rows)));
  const widthAt = (start: number) => Math.min(width, count - start);
  return {
    add(row, values) {
      for (let start = 0; start < count; start += width) {
        const end = start + widthAt(start);
        store.write(rows * start + row * (end - start), values.subarray(start, end));
      }
    },
    finish(finite, model) {
      const varying = new Uint8Array(count);
      const block = new Float32Array(rows * width);
      const read = (start: number) => {
        const columns = widthAt(start);
        const data = block.subarray(0, rows * columns);
        store.read(rows * start, data);
        return { data, columns };
      };
      for (let start = 0; start < count; start += width) {
        varying.set(varyingColumns(read(start), rows, model), start);
      }
      const { places, warnings } = analysed(finite, varying, model);
      const isSmall = 4 * rows * places.length <= limit;
      const whole = isSmall ? sharedFloat32(rows * places.length) : undefined;
      const starts = [0];
      let done = 0;
      for (let start = 0; start < count; start += width) {
        const { data, columns } = read(start);
        const from = done;
        while (done < places.length && (places[done] ?? 0) < start + columns) done++;
        const own = places.subarray(from, done).map((place) => place - start);
        const { data: kept } = compact(data, rows, columns, own);
        // The kept block begins no later than the one that was read.
        if (whole === undefined) store.write(rows * from, kept);
        else spread(kept, own.length, whole, places.length, from);
        if (own.length > 0) starts.push(done);
      }
      const columns = places.length;
      return {
        matrix:
          whole === undefined
            ? { store: store.name, rows, columns, starts: Int32Array.from(starts) }
            : { data: whole, columns },
        ...{ places, warnings },
      };
    },
  };
}

/** Copies the rows of a block into those of the whole matrix. */
function spread(block: Float32Array, width: number, whole: Float32Array, columns: number, at: number): void {
  for (let from = 0, row = 0; from < block.length; from += width, row++) {
    whole.set(block.subarray(from, from + width), row * columns + at);
  }
}

/** 1 for each column that is not the same in all rows; of one sample, not all 0. */
function varyingColumns({ data, columns }: RowMatrix, rows: number, { kind }: Model): Uint8Array {
  const varying = new Uint8Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let v = 0; v < columns; v++) {
      const same = kind === "one-sample" ? 0 : data[v];
      if (data[r * columns + v] !== same) varying[v] = 1;
    }
  }
  return varying;
}

/** Places of the voxels that are analysed. */
function analysed(
  finite: Uint8Array,
  varying: Uint8Array,
  { kind }: Model,
): { readonly places: Int32Array; readonly warnings: string[] } {
  const count = finite.length;
  let missing = 0;
  let kept = 0;
  for (let v = 0; v < count; v++) {
    if (finite[v] === 0) missing++;
    else if (varying[v] === 1) kept++;
  }
  const constant = count - missing - kept;
  const same = kind === "one-sample" ? "are 0 in all rows" : "are the same in all rows";
  if (kept === 0) {
    throw new VoxplainError(
      "mismatch",
      `no voxel is left to analyse: of ${count}, ${missing} are missing in a map and ${constant} ${same}`,
    );
  }
  const places = new Int32Array(kept);
  let at = 0;
  for (let v = 0; v < count; v++) if (finite[v] === 1 && varying[v] === 1) places[at++] = v;
  const parts = [
    ...(missing > 0 ? [`${missing} are missing (NaN or infinite) in a map`] : []),
    ...(constant > 0 ? [`${constant} ${same}`] : []),
  ];
  const warnings =
    parts.length > 0
      ? [`${missing + constant} of ${count} voxels are not analysed: ${parts.join(", ")}`]
      : [];
  return { places, warnings };
}

/** Moves the kept columns together, in place: nothing is written where something is still to be read. */
function compact(
  matrix: Float32Array,
  rows: number,
  columns: number,
  kept: Int32Array,
): { readonly data: Float32Array; readonly columns: number } {
  const width = kept.length;
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < width; k++) {
      const column = kept[k];
      if (column === undefined) throw outside(k);
      matrix[r * width + k] = float32At(matrix, r * columns + column);
    }
  }
  return { data: matrix.subarray(0, rows * width), columns: width };
}
