/** sum += weight · values[from …], over the whole sum. Loops over two typed arrays are fast only as functions of their own. */
export function addScaled(sum: Float64Array, values: Float32Array, from: number, weight: number): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += weight * values[from + k]!;
}

export function total(values: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  return sum;
}
