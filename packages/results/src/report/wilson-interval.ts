/** The 97.5th percentile of the normal distribution. */
const z = 1.959963984540054;

/**
 * Wilson's 95 % interval of a share: Wilson 1927, doi:10.1080/01621459.1927.10502953.
 * @param right - How many of `count`, which is at least 1.
 */
export function wilsonInterval(right: number, count: number): readonly [number, number] {
  const share = right / count;
  const middle = share + z ** 2 / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  const scale = 1 + z ** 2 / count;
  // Exactly 0 and 1 at the ends, which rounding would miss.
  return [right === 0 ? 0 : (middle - half) / scale, right === count ? 1 : (middle + half) / scale];
}
