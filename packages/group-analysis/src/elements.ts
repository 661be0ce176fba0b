// Elements of typed arrays in loops over voxels. A function for each type of array stays as fast as a plain read: one for
// all of them (`elementAt` of core) takes nine times as long.

/** The error for a place that an array does not have, which is a fault of the program. */
export function outside(index: number): RangeError {
  return new RangeError(`there is no element ${index}`);
}

/** An element that exists. @throws RangeError where it does not. */
export function float64At(values: Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw outside(index);
  return value;
}

/** An element that exists. @throws RangeError where it does not. */
export function float32At(values: Float32Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw outside(index);
  return value;
}

/** An element that exists. @throws RangeError where it does not. */
export function int32At(values: Int32Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw outside(index);
  return value;
}
