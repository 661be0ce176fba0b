/**
 * (x − min) / (max − min) in place, every step rounded to float32 as PyTorch does. A constant image
 * becomes zeros. NaN takes no part in the extremes and stays NaN.
 * @returns whether the image was constant.
 */
export function minMaxInPlace(data: Float32Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < data.length; k++) {
    const value = data[k]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = Math.fround(high - low);
  if (!(range > 0)) {
    data.fill(0);
    return true;
  }
  for (let k = 0; k < data.length; k++) data[k] = Math.fround(data[k]! - low) / range;
  return false;
}
