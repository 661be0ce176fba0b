// Loops over two typed arrays are fast only as functions of their own, with both arrays as parameters.

/** sum += values. */
export function addValues(sum: Float64Array, values: Float32Array): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += values[k]!;
}

/** sum += values, of sums. */
export function addSums(sum: Float64Array, values: Float64Array): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += values[k]!;
}

/** sum += values². */
export function addSquares(sum: Float64Array, values: Float32Array): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += values[k]! * values[k]!;
}

/** sum += weight · values[from …], over the whole sum. */
export function addScaled(sum: Float64Array, values: Float32Array, from: number, weight: number): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += weight * values[from + k]!;
}

/** sum += values[from …] · factors, over the whole sum. @returns The sum of the products. */
export function addProducts(
  sum: Float64Array,
  values: Float32Array,
  from: number,
  factors: Float32Array,
): number {
  let added = 0;
  for (let k = 0; k < sum.length; k++) {
    const product = values[from + k]! * factors[k]!;
    sum[k]! += product;
    added += product;
  }
  return added;
}

/** The sum of all values. */
export function total(values: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  return sum;
}
