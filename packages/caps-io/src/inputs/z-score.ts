/**
 * (x − mean) / std in place, over all values, with the population's standard deviation. Both are computed in float64,
 * the result is rounded to float32. A constant image becomes zeros.
 * @returns whether the image was constant.
 */
export function zScoreInPlace(data: Float32Array): boolean {
  let sum = 0;
  for (const value of data) sum += value;
  const mean = sum / data.length;
  let squares = 0;
  for (const value of data) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / data.length);
  const isConstant = data.every((value) => value === data[0]);
  data.set(data.map((value) => (isConstant ? 0 : (value - mean) / deviation)));
  return isConstant;
}
