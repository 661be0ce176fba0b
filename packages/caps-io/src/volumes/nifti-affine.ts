import { type Affine, type AffineRow, affineProblem, elementAt } from "@voxplain/core";
import { NIFTI2, type readHeader } from "nifti-reader-js";

type Header = ReturnType<typeof readHeader>;
type Shape = readonly [number, number, number];

/** Where a header puts its voxels. */
export interface HeaderPosition {
  /** Undefined where the header gives no position (both codes are 0), and where what it gives cannot be used. */
  readonly affine?: Affine;
  /** Why the position that the header gives cannot be used; names the file. */
  readonly affineError?: string;
  readonly warnings: readonly string[];
}

/** What maps of an image whose position is unknown have in `descrip`. */
export const unknownPosition = "position unknown";

/**
 * Voxels to millimetres: the sform where its code is above 0, else the qform where its code is, as nibabel chooses.
 * A sform that is singular or not finite gives way to a qform that is good, with a warning.
 */
export function positionOfHeader(
  header: Header,
  start: Uint8Array,
  shape: Shape,
  name: string,
): HeaderPosition {
  if (header.description.includes(unknownPosition)) return { warnings: [] };
  const hasSform = header.sform_code > 0;
  const hasQform = header.qform_code > 0;
  if (!hasSform && !hasQform) return { warnings: [] };
  const fromSform = hasSform ? sform(header, start) : undefined;
  const wrongSform = fromSform === undefined ? "has code 0" : affineProblem(fromSform);
  if (fromSform !== undefined && wrongSform === undefined) return { affine: fromSform, warnings: [] };
  const fromQform = hasQform ? qform(header, shape) : undefined;
  const wrongQform =
    fromQform === undefined ? "has code 0" : (qformProblem(header) ?? affineProblem(fromQform));
  if (fromQform === undefined || wrongQform !== undefined) {
    return {
      affineError: `${name} has no usable affine: its sform ${wrongSform}, and its qform ${wrongQform}`,
      warnings: [],
    };
  }
  const instead = hasSform ? [`the sform of ${name} ${wrongSform}: its qform is used instead`] : [];
  return { affine: fromQform, warnings: [...instead, ...mendedSizes(header, shape, name)] };
}

/** float32 rounding leaves b² + c² + d² of a half turn a few 10⁻⁷ above 1. */
const unitTolerance = 1e-5;

function qformProblem({ quatern_b: b, quatern_c: c, quatern_d: d }: Header): string | undefined {
  const square = b * b + c * c + d * d;
  if (Number.isNaN(square) || square <= 1 + unitTolerance) return undefined;
  return `has no unit quaternion (b² + c² + d² is ${square.toPrecision(4)})`;
}

function mendedSizes({ pixDims }: Header, shape: Shape, name: string): readonly string[] {
  return shape.flatMap((length, axis) => {
    const stored = elementAt(pixDims, axis + 1);
    if (length <= 1 || stored > 0) return [];
    const size = stored === 0 ? 1 : Math.abs(stored);
    return `the voxel size of ${name} along axis ${axis + 1} (pixdim) is ${stored}: ${size} mm is used, as nibabel does`;
  });
}

/** From the bytes: `header.affine` holds the qform where its code is the higher one. */
function sform(header: Header, start: Uint8Array): Affine {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const wide = header instanceof NIFTI2;
  const number = (k: number) =>
    wide
      ? view.getFloat64(400 + 8 * k, header.littleEndian)
      : view.getFloat32(280 + 4 * k, header.littleEndian);
  const row = (k: number): AffineRow => [number(k), number(k + 1), number(k + 2), number(k + 3)];
  return [row(0), row(4), row(8), [0, 0, 0, 1]];
}

/** Rotation of the unit quaternion, times the voxel sizes. NIfTI-1 standard, "METHOD 2". */
function qform(header: Header, shape: Shape): Affine {
  const { quatern_b: b, quatern_c: c, quatern_d: d } = header;
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  // Stored in float32, b, c and d alone can be a little longer than 1.
  const s = 2 / (a * a + b * b + c * c + d * d);
  const [x, y, z] = [voxelSize(header, 1, shape), voxelSize(header, 2, shape), voxelSize(header, 3, shape)];
  const side = header.pixDims[0] === -1 ? -z : z;
  return [
    [(1 - s * (c * c + d * d)) * x, s * (b * c - a * d) * y, s * (b * d + a * c) * side, header.qoffset_x],
    [s * (b * c + a * d) * x, (1 - s * (b * b + d * d)) * y, s * (c * d - a * b) * side, header.qoffset_y],
    [s * (b * d - a * c) * x, s * (c * d + a * b) * y, (1 - s * (b * b + c * c)) * side, header.qoffset_z],
    [0, 0, 0, 1],
  ];
}

/** In mm. nibabel takes 1 for 0, which means unknown, and drops the sign; NaN makes the qform unusable. */
function voxelSize({ pixDims }: Header, axis: 1 | 2 | 3, shape: Shape): number {
  const size = Math.abs(elementAt(pixDims, axis));
  const isFlat = shape[axis - 1] === 1 && !Number.isFinite(size);
  return size === 0 || isFlat ? 1 : size;
}
