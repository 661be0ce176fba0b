/** Data of every row at every voxel: row after row, each `columns` long. */
export interface RowMatrix {
  /** rows × columns. */
  readonly data: Float32Array | Float64Array;
  /** Voxels, or regions. */
  readonly columns: number;
}
