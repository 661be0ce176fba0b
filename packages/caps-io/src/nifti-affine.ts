import type { Affine, AffineRow } from "@voxplain/core";
import { NIFTI2, type readHeader } from "nifti-reader-js";

type Header = ReturnType<typeof readHeader>;
type Shape = readonly [number, number, number];

/**
 * Voxels to millimetres in the order in which nibabel looks: the sform where its code is above 0, the
 * qform where its is, else a guess from the voxel sizes, centred, with x growing to the left.
 */
export function affineOfHeader(header: Header, start: Uint8Array, shape: Shape): Affine {
  if (header.sform_code > 0) return sform(header, start);
  return header.qform_code > 0 ? qform(header) : guess(header, shape);
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
function qform(header: Header): Affine {
  const { quatern_b: b, quatern_c: c, quatern_d: d } = header;
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  // Stored in float32, b, c and d alone can be a little longer than 1.
  const s = 2 / (a * a + b * b + c * c + d * d);
  const [x, y, z] = [voxelSize(header, 1), voxelSize(header, 2), voxelSize(header, 3)];
  const side = header.pixDims[0] === -1 ? -z : z;
  return [
    [(1 - s * (c * c + d * d)) * x, s * (b * c - a * d) * y, s * (b * d + a * c) * side, header.qoffset_x],
    [s * (b * c + a * d) * x, (1 - s * (b * b + d * d)) * y, s * (c * d - a * b) * side, header.qoffset_y],
    [s * (b * d - a * c) * x, s * (c * d + a * b) * y, (1 - s * (b * b + c * c)) * side, header.qoffset_z],
    [0, 0, 0, 1],
  ];
}

function guess(header: Header, [sizeX, sizeY, sizeZ]: Shape): Affine {
  const [x, y, z] = [voxelSize(header, 1), voxelSize(header, 2), voxelSize(header, 3)];
  return [
    [-x, 0, 0, ((sizeX - 1) / 2) * x],
    [0, y, 0, (-(sizeY - 1) / 2) * y],
    [0, 0, z, (-(sizeZ - 1) / 2) * z],
    [0, 0, 0, 1],
  ];
}

/** In mm. 0 means unknown, and a negative one is a mistake of the writer; nibabel mends both so. */
function voxelSize({ pixDims }: Header, axis: number): number {
  return Math.abs(pixDims[axis]!) || 1;
}
