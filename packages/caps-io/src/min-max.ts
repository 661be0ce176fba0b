/**
 * (x − min) / (max − min) in place, every step rounded to float32: the same bits as PyTorch, where a
 * NaN makes everything NaN, too. Only a constant image differs: PyTorch divides by zero, here it becomes zeros.
 * @returns whether the image was constant.
 */
export function minMaxInPlace(data: Float32Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < data.length; k++) {
    const value = data[k]!;
    if (value < low) low = value;
    if (value > high) high = value;
    if (Number.isNaN(value)) {
      data.fill(Number.NaN);
      return false;
    }
  }
  if (!(low < high)) {
    data.fill(0);
    return true;
  }
  const range = Math.fround(high - low);
  for (let k = 0; k < data.length; k++) data[k] = Math.fround(data[k]! - low) / range;
  return false;
}
