import { elementAt } from "@voxplain/core";
import type { ColumnSums } from "./relabelled-statistics.ts";
import type { RowMatrix } from "./row-matrix.ts";

/** A place for data that does not fit into memory: a temporary file, say. Offsets and lengths count float32 values. */
export interface MatrixStore {
  /** What workers open it by. */
  readonly name: string;
  /** Writes values at an offset. */
  write(offset: number, values: Float32Array): void;
  /** Fills an array from an offset. */
  read(offset: number, into: Float32Array): void;
  /** Called when the data is no longer needed. */
  remove(): void;
}

/** Rows × voxels in a store, in blocks of voxels: of each block row after row. Plain data, which can be sent to workers. */
export interface StoredMatrix {
  /** The name of the store. */
  readonly store: string;
  /** Rows. */
  readonly rows: number;
  /** Voxels. */
  readonly columns: number;
  /** Where each block begins, in voxels, and where the last one ends. */
  readonly starts: Int32Array;
}

/** Fills an array with values of a store, from an offset in float32 values. */
export type ReadStore = (store: string, offset: number, into: Float32Array) => void;

/** Some columns of a matrix. */
export interface ColumnBlock {
  /** The first of them. */
  readonly start: number;
  /** After the last. */
  readonly end: number;
  /** Their data. */
  readonly matrix: RowMatrix;
}

/** The blocks of a matrix; of one in memory it is all. What a block holds is valid until the next one is asked for. */
export function* columnBlocks(matrix: RowMatrix | StoredMatrix, read?: ReadStore): Generator<ColumnBlock> {
  if (!("store" in matrix)) {
    yield { start: 0, end: matrix.columns, matrix };
    return;
  }
  if (read === undefined) throw new RangeError("a matrix in a store needs somebody who reads it");
  const { store, rows, starts } = matrix;
  let space = new Float32Array(0);
  for (let block = 0; block + 1 < starts.length; block++) {
    const [start, end] = [elementAt(starts, block), elementAt(starts, block + 1)];
    const length = rows * (end - start);
    if (space.length < length) space = new Float32Array(length);
    const data = space.subarray(0, length);
    read(store, rows * start, data);
    yield { start, end, matrix: { data, columns: end - start } };
  }
}

/** The sums of some columns. */
export function sumsOfBlock({ mean, squares }: ColumnSums, { start, end }: ColumnBlock): ColumnSums {
  return { mean: mean.subarray(start, end), squares: squares.subarray(start, end) };
}
