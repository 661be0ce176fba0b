import type { Affine, AffineRow } from "@voxplain/core";
import { NIFTI2, type readHeader } from "nifti-reader-js";

type Header = ReturnType<typeof readHeader>;

/**
 * Voxels to millimetres in the order in which nibabel looks: the sform where its code is above 0, the
 * qform where its is, else a guess from the voxel sizes, centred, with x growing to the left.
 */
export function affineOfHeader(header: Header, start: Uint8Array, shape: readonly number[]): Affine {
  if (header.sform_code > 0) return sform(header, start);
  return header.qform_code > 0 ? qform(header) : guess(header, shape);
}

function sform(header: Header, start: Uint8Array): Affine {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const wide = header instanceof NIFTI2;
  const number = (k: number) =>
    wide
      ? view.getFloat64(400 + 8 * k, header.littleEndian)
      : view.getFloat32(280 + 4 * k, header.littleEndian);
  const row = (r: number): AffineRow => [
    number(4 * r),
    number(4 * r + 1),
    number(4 * r + 2),
    number(4 * r + 3),
  ];
  return [row(0), row(1), row(2), [0, 0, 0, 1]];
}

/** Rotation of the quaternion, times the voxel sizes. NIfTI-1 standard, "METHOD 2". */
function qform(header: Header): Affine {
  const { quatern_b: b, quatern_c: c, quatern_d: d, pixDims } = header;
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const side = pixDims[0]! < 0 ? -1 : 1;
  const [dx, dy, dz] = [pixDims[1]!, pixDims[2]!, pixDims[3]! * side];
  return [
    [
      (a * a + b * b - c * c - d * d) * dx,
      2 * (b * c - a * d) * dy,
      2 * (b * d + a * c) * dz,
      header.qoffset_x,
    ],
    [
      2 * (b * c + a * d) * dx,
      (a * a + c * c - b * b - d * d) * dy,
      2 * (c * d - a * b) * dz,
      header.qoffset_y,
    ],
    [
      2 * (b * d - a * c) * dx,
      2 * (c * d + a * b) * dy,
      (a * a + d * d - c * c - b * b) * dz,
      header.qoffset_z,
    ],
    [0, 0, 0, 1],
  ];
}

function guess({ pixDims }: Header, shape: readonly number[]): Affine {
  const size = (axis: number) => pixDims[axis + 1] || 1;
  const centre = (axis: number) => ((shape[axis]! - 1) / 2) * size(axis);
  return [
    [-size(0), 0, 0, centre(0)],
    [0, size(1), 0, -centre(1)],
    [0, 0, size(2), -centre(2)],
    [0, 0, 0, 1],
  ];
}
