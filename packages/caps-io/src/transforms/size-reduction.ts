import { type Affine, type AffineRow, elementAt, VoxplainError } from "@voxplain/core";

/** ClinicaDL 1.x's factors. */
export type ReductionFactor = 2 | 3 | 4 | 5;

/** Which voxels of a grid are left: along each axis `size` of them, every `step`-th from `start` on. */
export interface Reduction {
  /** Voxels along each axis before. */
  readonly from: readonly number[];
  /** Voxels along each axis that are left. */
  readonly size: readonly number[];
  /** The first one along each axis. */
  readonly start: readonly number[];
  /** From one to the next, along every axis. */
  readonly step: number;
}

/** Start and stop along the three axes, as slices of Python; cropped images of t1-linear have 169×208×179 voxels. */
const boxes: Readonly<Record<ReductionFactor, readonly (readonly [number, number])[]>> = {
  2: [
    [4, 164],
    [8, 200],
    [8, 168],
  ],
  3: [
    [0, 168],
    [8, 200],
    [4, 172],
  ],
  4: [
    [4, 164],
    [8, 200],
    [8, 168],
  ],
  5: [
    [4, 164],
    [0, 200],
    [8, 168],
  ],
};

/**
 * The voxels of a grid [X, Y, Z] that ClinicaDL's size reduction leaves; stops behind its end are cut.
 * @throws VoxplainError `mismatch` for a grid without a voxel in the box.
 */
export function reductionOf(grid: readonly number[], factor: ReductionFactor): Reduction {
  const box = boxes[factor];
  const start = box.map(([first]) => first);
  const size = box.map(([first, stop], axis) =>
    Math.max(0, Math.ceil((Math.min(stop, elementAt(grid, axis)) - first) / factor)),
  );
  if (size.every((length) => length > 0)) return { from: grid, size, start, step: factor };
  throw new VoxplainError("mismatch", `size reduction by ${factor} leaves no voxel of it`, {
    expected: `more than ${start.join("×")} voxels`,
    found: grid.join("×"),
  });
}

/** The affine of the voxels that are left. */
export function reducedAffine([x, y, z, last]: Affine, { start, step }: Reduction): Affine {
  const [i = 0, j = 0, k = 0] = start;
  const row = ([a, b, c, d]: AffineRow): AffineRow => [
    a * step,
    b * step,
    c * step,
    d + a * i + b * j + c * k,
  ];
  return [row(x), row(y), row(z), last];
}

/** The values that are left, row-major. */
export function reduced(values: Float32Array, reduction: Reduction): Float32Array<ArrayBuffer> {
  const left = new Float32Array(reduction.size.reduce((product, length) => product * length, 1));
  forEachLeft(reduction, (at, from) => {
    left[at] = values[from]!;
  });
  return left;
}

/** The adjoint: values where they were, zeros elsewhere. */
export function reducedAdjoint(values: ArrayLike<number>, reduction: Reduction): Float64Array {
  const whole = new Float64Array(reduction.from.reduce((product, length) => product * length, 1));
  forEachLeft(reduction, (at, to) => {
    whole[to] = values[at]!;
  });
  return whole;
}

function forEachLeft(
  { from, size, start, step }: Reduction,
  visit: (index: number, voxel: number) => void,
): void {
  const [, fromY = 1, fromZ = 1] = from;
  const [sizeX = 1, sizeY = 1, sizeZ = 1] = size;
  const [startX = 0, startY = 0, startZ = 0] = start;
  let index = 0;
  for (let x = 0; x < sizeX; x++) {
    for (let y = 0; y < sizeY; y++) {
      let voxel = ((startX + x * step) * fromY + startY + y * step) * fromZ + startZ;
      for (let z = 0; z < sizeZ; z++, voxel += step) visit(index++, voxel);
    }
  }
}
