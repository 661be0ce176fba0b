// NIfTI files of every kind of voxels and positions, from random numbers.
import { gzipSync } from "node:zlib";

/** Numbers from 0 to 1. */
export type Random = () => number;

export const below = (random: Random, limit: number) => Math.floor(random() * limit);
export const oneOf = <T>(random: Random, values: readonly T[]): T => values[below(random, values.length)]!;
export const chance = (random: Random, share: number) => random() < share;

/** From a normal distribution. */
export const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

type Row = readonly [number, number, number, number];
export type Rows = readonly [Row, Row, Row];

/** NIfTI's code, bytes, whether whole numbers, and how a value is stored. */
const kinds = {
  uint8: [2, 1, true, (v: DataView, at: number, x: number) => v.setUint8(at, x)],
  int8: [256, 1, true, (v: DataView, at: number, x: number) => v.setInt8(at, x)],
  int16: [4, 2, true, (v: DataView, at: number, x: number, le: boolean) => v.setInt16(at, x, le)],
  uint16: [512, 2, true, (v: DataView, at: number, x: number, le: boolean) => v.setUint16(at, x, le)],
  int32: [8, 4, true, (v: DataView, at: number, x: number, le: boolean) => v.setInt32(at, x, le)],
  int64: [
    1024,
    8,
    true,
    (v: DataView, at: number, x: number, le: boolean) => v.setBigInt64(at, BigInt(x), le),
  ],
  float32: [16, 4, false, (v: DataView, at: number, x: number, le: boolean) => v.setFloat32(at, x, le)],
  float64: [64, 8, false, (v: DataView, at: number, x: number, le: boolean) => v.setFloat64(at, x, le)],
} as const;
export type Kind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly Kind[];

export interface RandomVolume {
  /** Any number of axes. */
  readonly dims: readonly number[];
  /** x fastest, as on disk; whole kinds hold them rounded. */
  readonly values: ArrayLike<number>;
  readonly kind: Kind;
  readonly affine: Rows;
  readonly codes: { readonly sform: number; readonly qform: number };
  readonly slope?: number;
  readonly intercept?: number;
  readonly bigEndian?: boolean;
}

/** The bytes of a `.nii`, or of a `.nii.gz`. */
export function volumeFile(volume: RandomVolume, packed: boolean): Uint8Array {
  const { dims, values, affine, codes, slope = 1, intercept = 0, bigEndian = false } = volume;
  const [code, size, isWhole, store] = kinds[volume.kind];
  const file = new Uint8Array(352 + values.length * size);
  const view = new DataView(file.buffer);
  const le = !bigEndian;
  view.setInt32(0, 348, le);
  [dims.length, ...dims].forEach((length, k) => {
    view.setInt16(40 + 2 * k, length, le);
  });
  view.setInt16(70, code, le);
  view.setInt16(72, 8 * size, le);
  const lengths = [0, 1, 2].map((column) => Math.hypot(...affine.map((row) => row[column]!)));
  [1, ...lengths].forEach((length, k) => {
    view.setFloat32(76 + 4 * k, length, le);
  });
  view.setFloat32(108, 352, le);
  view.setFloat32(112, slope, le);
  view.setFloat32(116, intercept, le);
  view.setInt16(252, codes.qform, le);
  view.setInt16(254, codes.sform, le);
  affine.forEach((row, r) => {
    view.setFloat32(268 + 4 * r, row[3], le);
    row.forEach((value, c) => {
      view.setFloat32(280 + 16 * r + 4 * c, value, le);
    });
  });
  file.set(new TextEncoder().encode("n+1"), 344);
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    store(view, 352 + k * size, isWhole ? (Number.isFinite(value) ? Math.round(value) : 0) : value, le);
  }
  return packed ? gzipSync(file, { level: 1 }) : file;
}

const rotation = (random: Random): Rows => {
  const [a, b, c] = [random(), random(), random()].map((share) => (share - 0.5) * 3) as [
    number,
    number,
    number,
  ];
  const [ca, sa, cb, sb, cc, sc] = [
    Math.cos(a),
    Math.sin(a),
    Math.cos(b),
    Math.sin(b),
    Math.cos(c),
    Math.sin(c),
  ] as const;
  return [
    [ca * cb, ca * sb * sc - sa * cc, ca * sb * cc + sa * sc, 0],
    [sa * cb, sa * sb * sc + ca * cc, sa * sb * cc - ca * sc, 0],
    [-sb, cb * sc, cb * cc, 0],
  ];
};

/** Straight, mirrored, oblique or anisotropic; seldom the identity, and what cannot be used. */
export function randomAffine(random: Random): Rows {
  const kind = random();
  if (kind < 0.04) {
    return [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ];
  }
  if (kind < 0.05) {
    const bad = oneOf(random, [0, Number.NaN, Number.POSITIVE_INFINITY]);
    return [
      [bad, 0, 0, 1],
      [0, bad, 0, 1],
      [0, 0, bad, 1],
    ];
  }
  const zooms = [0, 1, 2].map(
    () => oneOf(random, [1, 2, 0.7, 3.3, 1e-3, 40]) * (chance(random, 0.3) ? -1 : 1),
  );
  const turned = chance(random, 0.4)
    ? rotation(random)
    : ([
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ] as const);
  const shift = [0, 1, 2].map(() => oneOf(random, [0, -5, 12.5, -90, 1e5]));
  return turned.map((row, r) => [
    ...row.slice(0, 3).map((value, c) => value * zooms[c]!),
    shift[r]!,
  ]) as unknown as Rows;
}
