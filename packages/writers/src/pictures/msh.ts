export type Triple = readonly [number, number, number];

// sRGB to linear light to XYZ (the matrix's row sums are the white point) to CIELAB to its polar form.
const toXyz = [
  [0.4124, 0.3576, 0.1805],
  [0.2126, 0.7152, 0.0722],
  [0.0193, 0.1192, 0.9505],
] as const;
const fromXyz = inverse(toXyz);
const white = times(toXyz, [1, 1, 1]);

/** A colour in Moreland's Msh space: CIELAB in polar coordinates (magnitude, saturation, hue). sRGB is 0 to 1. */
export function mshOf(rgb: Triple): Triple {
  const linear = each(rgb, (c) => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92));
  const xyz = times(toXyz, linear);
  const [x, y, z] = each(xyz, (value, n) => compress(value / white[n]!));
  const [l, a, b] = [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  const magnitude = Math.hypot(l, a, b);
  return [magnitude, Math.acos(l / magnitude), Math.atan2(b, a)];
}

/** The sRGB colour of a point of Msh space. */
export function rgbOf([magnitude, saturation, hue]: Triple): Triple {
  const l = magnitude * Math.cos(saturation);
  const a = magnitude * Math.sin(saturation) * Math.cos(hue);
  const b = magnitude * Math.sin(saturation) * Math.sin(hue);
  const y = (l + 16) / 116;
  const xyz = each([a / 500 + y, y, y - b / 200], (value, n) => expand(value) * white[n]!);
  return each(times(fromXyz, xyz), (c) => (c > 0.0031308 ? 1.055 * c ** (1 / 2.4) - 0.055 : 12.92 * c));
}

function compress(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}

function expand(t: number): number {
  return t ** 3 > 0.008856 ? t ** 3 : (t - 16 / 116) / 7.787;
}

function each([a, b, c]: Triple, change: (value: number, index: number) => number): Triple {
  return [change(a, 0), change(b, 1), change(c, 2)];
}

function times(matrix: readonly Triple[], [x, y, z]: Triple): Triple {
  const row = (n: number) => matrix[n]![0] * x + matrix[n]![1] * y + matrix[n]![2] * z;
  return [row(0), row(1), row(2)];
}

function inverse(m: readonly Triple[]): readonly Triple[] {
  const cofactor = (r: number, c: number) => {
    const [r1, r2, c1, c2] = [(r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3];
    return m[r1]![c1]! * m[r2]![c2]! - m[r1]![c2]! * m[r2]![c1]!;
  };
  const determinant = m[0]![0] * cofactor(0, 0) + m[0]![1] * cofactor(0, 1) + m[0]![2] * cofactor(0, 2);
  return [0, 1, 2].map((r) => each([0, 1, 2], (c) => cofactor(c, r) / determinant));
}
