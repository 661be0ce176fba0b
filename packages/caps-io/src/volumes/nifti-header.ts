import { type Affine, type DType, elementCount, VoxplainError } from "@voxplain/core";
import { NIFTI1, readHeader } from "nifti-reader-js";
import { positionOfHeader } from "./nifti-affine.ts";
import { mostVoxels, type Scaling, voxelType } from "./nifti-voxels.ts";

type Header = ReturnType<typeof readHeader>;

/** What a header says of its image. */
export interface VolumeHeader {
  readonly geometry: NiftiGeometry;
  /** Number of volumes of that geometry, one after another. */
  readonly volumes: number;
  readonly dtype: DType;
  readonly littleEndian: boolean;
  readonly scaling: Scaling;
  /** Byte at which the voxels start. */
  readonly offset: number;
}

/** Grid of a NIfTI or MGH image: voxels along x, y, z, and their position. */
export interface NiftiGeometry {
  /** Voxels along the axes of the file: [X, Y, Z]. */
  readonly shape: readonly [number, number, number];
  /** Voxel indices to mm, RAS+. Undefined where the header gives no position, or none that can be used. */
  readonly affine?: Affine;
  /** Why the position that the header gives cannot be used (singular, NaN); names the file. */
  readonly affineError?: string;
  /** Sentences about the header: a qform in place of a broken sform, voxel sizes that were corrected. */
  readonly warnings: readonly string[];
}

/** Bytes that hold any header, of NIfTI-1 (348) or NIfTI-2 (540). */
export const headerBytes = 540;

/**
 * Reads a header from the first bytes of an unpacked file.
 * @throws VoxplainError `invalid-file` when it is none, or says what cannot be; `unsupported` for
 * the header of a pair, colours and complex numbers.
 */
export function parseHeader(start: Uint8Array, name: string): VolumeHeader {
  const header = headerOf(start, name);
  const first = header instanceof NIFTI1 ? 352 : 544;
  const offset = Math.trunc(header.vox_offset);
  if (!(offset >= first && offset <= Number.MAX_SAFE_INTEGER)) {
    throw new VoxplainError(
      "invalid-file",
      "the NIfTI image is damaged: its voxels start inside its header",
      {
        file: name,
        expected: `byte ${first} or later`,
        found: `byte ${offset}`,
      },
    );
  }
  return {
    ...geometryOf(header, start, name),
    dtype: voxelType(header.datatypeCode, name),
    littleEndian: header.littleEndian,
    scaling: scalingOf(header),
    offset,
  };
}

function headerOf(start: Uint8Array, name: string): Header {
  // Cut off before the extensions: they do not describe the voxels, and may be damaged.
  const version1 = start[0] === 0x5c || start[3] === 0x5c;
  // A copy: Node's Buffer.slice() would be a view into a larger buffer.
  const bytes = Uint8Array.from(start.subarray(0, version1 ? 348 : headerBytes));
  if (bytes.length === 0)
    throw new VoxplainError("invalid-file", "it is empty: it has no bytes", { file: name });
  let cause: unknown;
  try {
    const header = readHeader(bytes.buffer);
    if (header !== null) return header;
  } catch (error) {
    cause = error;
  }
  const magic = String.fromCharCode(...(version1 ? bytes.subarray(344, 347) : bytes.subarray(4, 7)));
  if (magic === "ni1" || magic === "ni2") {
    throw new VoxplainError("unsupported", "it is the header of a pair of files (.hdr and .img)", {
      file: name,
      hint: "save the image as one file, .nii or .nii.gz",
    });
  }
  throw new VoxplainError("invalid-file", "it is not a NIfTI image (.nii or .nii.gz)", { file: name, cause });
}

/** Axes behind the third count volumes. */
function geometryOf(
  header: Header,
  start: Uint8Array,
  name: string,
): Pick<VolumeHeader, "geometry" | "volumes"> {
  const [rank = 0, ...lengths] = header.dims;
  const dims = lengths.slice(0, rank);
  if (!(rank >= 1 && rank <= 7) || !dims.every((length) => Number.isSafeInteger(length) && length > 0)) {
    throw new VoxplainError("invalid-file", "the NIfTI image is damaged: it has impossible dimensions", {
      file: name,
      found: header.dims.join(", "),
    });
  }
  if (elementCount(dims.slice(0, 3)) > mostVoxels) {
    throw new VoxplainError("invalid-file", `it claims ${dims.join("×")} voxels, which no image has`, {
      file: name,
    });
  }
  const [x = 1, y = 1, z = 1] = dims;
  const shape = [x, y, z] as const;
  const geometry = { shape, ...positionOfHeader(header, start, shape, name) };
  return { geometry, volumes: elementCount(dims.slice(3)) };
}

/** A slope of 0, NaN or infinity means that values are stored as they are. NIfTI-1 standard, "scl_slope". */
function scalingOf({ scl_slope: slope, scl_inter: intercept }: Header): Scaling {
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, intercept: 0 };
  return { slope, intercept: Number.isFinite(intercept) ? intercept : 0 };
}
