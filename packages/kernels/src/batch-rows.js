/** @typedef {{ readonly dims: readonly number[], readonly data: unknown }} Rows */

/**
 * One row of a float32 batch, in memory of its own.
 * @template T
 * @param {Rows} batch
 * @param {number} row
 * @param {(data: Float32Array, dims: readonly number[]) => T} make - A tensor.
 * @returns {T}
 */
export function rowOf({ dims, data }, row, make) {
  const values = /** @type {Float32Array} */ (data);
  const size = values.length / (dims[0] ?? 1);
  return make(values.slice(row * size, (row + 1) * size), [1, ...dims.slice(1)]);
}

/**
 * Results of one row each, as those of a batch: a single one as it is, several in float32.
 * @template {Rows} T
 * @param {readonly T[]} rows - At least one.
 * @param {(data: Float32Array, dims: readonly number[]) => T} make - A tensor.
 * @returns {T}
 */
export function joinedRows(rows, make) {
  const [first] = rows;
  if (first === undefined) throw new RangeError("there is no result to join");
  if (rows.length === 1) return first;
  const parts = rows.map(({ data }) => /** @type {Float32Array} */ (data));
  const size = /** @type {Float32Array} */ (first.data).length;
  const data = new Float32Array(rows.length * size);
  parts.forEach((part, row) => {
    data.set(part, row * size);
  });
  return make(data, [rows.length, ...first.dims.slice(1)]);
}
