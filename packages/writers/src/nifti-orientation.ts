import { type Affine, affineProblem, VoxplainError } from "@voxplain/core";

type Row = readonly [number, number, number];
type Matrix = readonly [Row, Row, Row];

/** Voxel sizes along the three axes, in mm. */
export function columnNorms(affine: Affine): Row {
  const norm = (axis: 0 | 1 | 2) => Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis]);
  return [norm(0), norm(1), norm(2)];
}

/**
 * NIfTI-1's description of an orientation by a rotation: `handedness` −1 where the third axis is to be
 * flipped first (the header's pixdim[0]), and the last three numbers of the unit quaternion whose first is
 * not negative. Shears do not fit in; the nearest rotation stands for them.
 * @throws VoxplainError `invalid-argument` for an affine that cannot be inverted.
 */
export function orientation(affine: Affine): { readonly handedness: 1 | -1; readonly quaternion: Row } {
  const sizes = columnNorms(affine);
  const axes = matrix((r, c) => affine[r][c] / sizes[c]);
  const volume = determinant(axes);
  if (affineProblem(affine) !== undefined) {
    throw new VoxplainError(
      "invalid-argument",
      `the affine ${JSON.stringify(affine)} does not place the voxels in space: ` +
        "its axes lie in one plane, or it holds what is no number",
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
    const volume = determinant(last);
    current = matrix((r, c) => (last[r][c] + cofactor(last, r, c) / volume) / 2);
    const change = current.flat().map((value, n) => Math.abs(value - last.flat()[n]!));
    if (Math.max(...change) < 1e-15) break;
  }
  return current;
}

/** From whichever of the four components is largest, so that nothing is divided by a small number. */
function quaternionOf([[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]]: Matrix): Row {
  // Each row is the quaternion [a, b, c, d] times four times one of its components.
  const candidates = [
    [1 + xx + yy + zz, zy - yz, xz - zx, yx - xy],
    [zy - yz, 1 + xx - yy - zz, xy + yx, xz + zx],
    [xz - zx, xy + yx, 1 - xx + yy - zz, yz + zy],
    [yx - xy, xz + zx, yz + zy, 1 - xx - yy + zz],
  ] as const;
  const diagonal = candidates.map((row, n) => row[n]!);
  const [a, b, c, d] = candidates[diagonal.indexOf(Math.max(...diagonal))]!;
  const norm = Math.hypot(a, b, c, d) * (a < 0 ? -1 : 1);
  return [b / norm || 0, c / norm || 0, d / norm || 0];
}

function matrix(entry: (row: 0 | 1 | 2, column: 0 | 1 | 2) => number): Matrix {
  const row = (r: 0 | 1 | 2): Row => [entry(r, 0), entry(r, 1), entry(r, 2)];
  return [row(0), row(1), row(2)];
}

function cofactor(m: Matrix, row: number, column: number): number {
  const [r1, r2, c1, c2] = [(row + 1) % 3, (row + 2) % 3, (column + 1) % 3, (column + 2) % 3];
  return m[r1]![c1]! * m[r2]![c2]! - m[r1]![c2]! * m[r2]![c1]!;
}

function determinant(m: Matrix): number {
  return m[0][0] * cofactor(m, 0, 0) + m[0][1] * cofactor(m, 0, 1) + m[0][2] * cofactor(m, 0, 2);
}
