import { type Affine, affineProblem, determinant, VoxplainError, voxelSizes } from "@voxplain/core";

type Row = readonly [number, number, number];
type Matrix = readonly [Row, Row, Row];

/**
 * NIfTI-1's description of an orientation by a rotation: `handedness` −1 where the third axis is to be
 * flipped first (the header's pixdim[0]), and the last three numbers of the unit quaternion whose first is
 * not negative. Shears do not fit in; the nearest rotation stands for them.
 * @throws VoxplainError `invalid-argument` for an affine that cannot be inverted.
 */
export function orientation(affine: Affine): { readonly handedness: 1 | -1; readonly quaternion: Row } {
  const sizes = voxelSizes(affine);
  const axes = matrix((r, c) => affine[r][c] / sizes[c]);
  const volume = determinant(...axes);
  if (affineProblem(affine) !== undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `the affine ${JSON.stringify(affine)} does not place the voxels in space: ` +
        "its axes are in one plane, or one of its values is not a number",
    );
  }
  const handedness = volume < 0 ? -1 : 1;
  const rotation = nearestOrthogonal(axes);
  return {
    handedness,
    quaternion: quaternionOf(matrix((r, c) => rotation[r][c] * (c === 2 ? handedness : 1))),
  };
}

/** Newton's iteration R ← (R + R⁻ᵀ) / 2 for the orthogonal factor of the polar decomposition (Higham, 1986). */
function nearestOrthogonal(start: Matrix): Matrix {
  let current = start;
  for (let step = 0; step < 50; step++) {
    const last = current;
    const volume = determinant(...last);
    const cofactors = cofactorsOf(last);
    current = matrix((r, c) => (last[r][c] + cofactors[r][c] / volume) / 2);
    const next = current;
    const change = matrix((r, c) => Math.abs(next[r][c] - last[r][c]));
    if (Math.max(...change.flat()) < 1e-15) break;
  }
  return current;
}

/** From whichever of the four components is largest, so that nothing is divided by a small number. */
function quaternionOf([[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]]: Matrix): Row {
  // Each row is the quaternion [a, b, c, d] times four times one of its components.
  const candidates = [
    { own: 1 + xx + yy + zz, row: [1 + xx + yy + zz, zy - yz, xz - zx, yx - xy] },
    { own: 1 + xx - yy - zz, row: [zy - yz, 1 + xx - yy - zz, xy + yx, xz + zx] },
    { own: 1 - xx + yy - zz, row: [xz - zx, xy + yx, 1 - xx + yy - zz, yz + zy] },
    { own: 1 - xx - yy + zz, row: [yx - xy, xz + zx, yz + zy, 1 - xx - yy + zz] },
  ] as const;
  const largest = candidates.reduce<(typeof candidates)[number]>(
    (best, one) => (one.own > best.own ? one : best),
    candidates[0],
  );
  const [a, b, c, d] = largest.row;
  const norm = Math.hypot(a, b, c, d) * (a < 0 ? -1 : 1);
  return [b / norm || 0, c / norm || 0, d / norm || 0];
}

function matrix(entry: (row: 0 | 1 | 2, column: 0 | 1 | 2) => number): Matrix {
  const row = (r: 0 | 1 | 2): Row => [entry(r, 0), entry(r, 1), entry(r, 2)];
  return [row(0), row(1), row(2)];
}

/** Cross products of the rows. */
function cofactorsOf([u, v, w]: Matrix): Matrix {
  const cross = (a: Row, b: Row): Row => [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
  return [cross(v, w), cross(w, u), cross(u, v)];
}
