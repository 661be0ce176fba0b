import { determinant } from "@voxplain/core";
export type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

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
  const [x, y, z] = each(xyz, (value, n) => compress(value / white[n]));
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
  const xyz = each([a / 500 + y, y, y - b / 200], (value, n) => expand(value) * white[n]);
  return each(times(fromXyz, xyz), (c) => (c > 0.0031308 ? 1.055 * c ** (1 / 2.4) - 0.055 : 12.92 * c));
}

function compress(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}

function expand(t: number): number {
  return t ** 3 > 0.008856 ? t ** 3 : (t - 16 / 116) / 7.787;
}

function each([a, b, c]: Triple, change: (value: number, index: 0 | 1 | 2) => number): Triple {
  return [change(a, 0), change(b, 1), change(c, 2)];
}

function times([top, middle, bottom]: Matrix, vector: Triple): Triple {
  const dot = (row: Triple) => row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2];
  return [dot(top), dot(middle), dot(bottom)];
}

/** The rows of the adjugate are cross products of columns. */
function inverse(m: Matrix): Matrix {
  const [a, b, c] = transposed(m);
  const whole = determinant(a, b, c);
  const row = (u: Triple, v: Triple) => each(cross(u, v), (value) => value / whole);
  return [row(b, c), row(c, a), row(a, b)];
}

function transposed([u, v, w]: Matrix): Matrix {
  return [
    [u[0], v[0], w[0]],
    [u[1], v[1], w[1]],
    [u[2], v[2], w[2]],
  ];
}

function cross(u: Triple, v: Triple): Triple {
  return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
}
