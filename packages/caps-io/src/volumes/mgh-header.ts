import {
  type Affine,
  type AffineRow,
  affineProblem,
  type DType,
  elementCount,
  VoxplainError,
} from "@voxplain/core";
import type { VolumeHeader } from "./nifti-header.ts";
import { mostVoxels } from "./nifti-voxels.ts";

/** Byte at which the voxels start: what is unused of the header is filled up. */
const firstVoxel = 284;

/** Bytes that hold all that is used of the header. */
const usedBytes = 90;

/** FreeSurfer's codes of the types that nibabel and FreeSurfer write. */
const dtypes: Readonly<Record<number, DType>> = { 0: "uint8", 1: "int32", 3: "float32", 4: "int16" };

const unsupportedTypes: Readonly<Record<number, string>> = {
  2: "long integers",
  5: "bits",
  6: "tensors",
  7: "complex numbers",
  8: "complex numbers",
  9: "colours (RGB)",
  10: "unsigned short integers",
};

/** Whether a file's name says that it is an image in FreeSurfer's MGH format. */
export function isMghName(name: string): boolean {
  return /\.(mgz|mgh|mgh\.gz)$/i.test(name);
}

/**
 * Reads the header of FreeSurfer's MGH format from the first bytes of an unpacked file: big-endian, a version, four lengths,
 * a type, and the directions and the centre of the grid.
 * @throws VoxplainError `invalid-file` when it is none, or says what cannot be; `unsupported` for several frames and for
 * types other than unsigned char, short, int and float.
 * @see https://surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat
 */
export function parseMghHeader(start: Uint8Array, name: string): VolumeHeader {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (start.byteLength < 4 || view.getInt32(0) !== 1) {
    throw new VoxplainError("invalid-file", "it is not an image in FreeSurfer's MGH format (.mgz or .mgh)", {
      file: name,
    });
  }
  if (start.byteLength < usedBytes) {
    throw new VoxplainError("invalid-file", "the MGH image is truncated: it ends inside its header", {
      file: name,
      expected: `${firstVoxel} bytes or more`,
      found: String(start.byteLength),
    });
  }
  const shape = shapeOf(view, name);
  return {
    geometry: { shape, ...positionOf(view, shape, name) },
    volumes: 1,
    dtype: dtypeOf(view.getInt32(20), name),
    littleEndian: false,
    scaling: { slope: 1, intercept: 0 },
    offset: firstVoxel,
  };
}

function shapeOf(view: DataView, name: string): readonly [number, number, number] {
  const [x, y, z, frames] = [view.getInt32(4), view.getInt32(8), view.getInt32(12), view.getInt32(16)];
  if (Math.min(x, y, z, frames) < 1) {
    throw new VoxplainError("invalid-file", "the MGH image is damaged: it has impossible dimensions", {
      file: name,
      found: [x, y, z, frames].join(", "),
    });
  }
  if (elementCount([x, y, z]) > mostVoxels) {
    throw new VoxplainError("invalid-file", `it claims ${x}×${y}×${z} voxels, which no image has`, {
      file: name,
    });
  }
  if (frames > 1) {
    throw new VoxplainError("unsupported", "the MGH image has several frames", {
      file: name,
      expected: "1 frame",
      found: `${frames} frames`,
      hint: "save one of them, with mri_convert --frame 0 for example",
    });
  }
  return [x, y, z];
}

function dtypeOf(code: number, name: string): DType {
  const dtype = dtypes[code];
  if (dtype !== undefined) return dtype;
  throw new VoxplainError("unsupported", "voxels of this type cannot be read", {
    file: name,
    expected: "unsigned char, short, int or float",
    found: unsupportedTypes[code] ?? `the unknown type ${code}`,
    hint: "convert it, with mri_convert --out_data_type float for example",
  });
}

/**
 * Voxels to millimetres: the direction cosines times the voxel sizes, about the centre of the grid, in float32 as nibabel
 * gives it. None where the header says that it holds no good ones.
 */
function positionOf(
  view: DataView,
  shape: readonly [number, number, number],
  name: string,
): Pick<VolumeHeader["geometry"], "affine" | "affineError" | "warnings"> {
  const isGood = view.getInt16(28) > 0;
  if (!isGood) return { warnings: [] };
  const float = (k: number) => view.getFloat32(30 + 4 * k);
  const row = (axis: number): AffineRow => {
    // The cosines of each axis of the grid follow one another: x, y and z in space.
    const step = (k: number) => Math.fround(float(3 + 3 * k + axis) * float(k));
    const [i, j, k] = [step(0), step(1), step(2)];
    const toCentre = (i * shape[0] + j * shape[1] + k * shape[2]) / 2;
    return [i, j, k, Math.fround(float(12 + axis) - toCentre)];
  };
  const affine: Affine = [row(0), row(1), row(2), [0, 0, 0, 1]];
  const problem = affineProblem(affine);
  if (problem === undefined) return { affine, warnings: [] };
  return { affineError: `${name} has no usable affine: that of its header ${problem}`, warnings: [] };
}
