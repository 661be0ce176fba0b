import type { ReductionFactor } from "../transforms/size-reduction.ts";

/** Which parts of an image a network sees: the whole, or many that vote. */
export type PartSettings = ImageSettings | PatchSettings | RoiSettings | SliceSettings;

/** 3D parts that lose voxels before the network sees them. */
interface Reduced {
  /** ClinicaDL 1.x's size reduction by this factor: every n-th voxel of a box that depends on it. Default: none. */
  readonly sizeReduction?: ReductionFactor;
}

/** The network sees whole images. */
export interface ImageSettings extends Reduced {
  /** As in commandline.json. */
  readonly mode: "image";
}

/** Cubes. Size and stride in voxels. */
export interface PatchSettings extends Reduced {
  /** As in commandline.json. */
  readonly mode: "patch";
  /** Edge of the cubes, in voxels. */
  readonly size: number;
  /** Voxels from the start of a patch to that of the next, along each axis. */
  readonly stride: number;
  /** The parts are files of their own in the CAPS, as `clinicadl extract` writes them. */
  readonly extracted: boolean;
}

/** Regions of interest. */
export interface RoiSettings extends Reduced {
  /** As in commandline.json. */
  readonly mode: "roi";
  /** Names of masks in the CAPS; undefined for the two hippocampi. */
  readonly list: readonly string[] | undefined;
  /** A mask's region keeps the size of the image, zero outside the mask. */
  readonly uncropped: boolean;
  /** The parts are files of their own in the CAPS. */
  readonly extracted: boolean;
}

/** Planes. */
export interface SliceSettings {
  /** As in commandline.json. */
  readonly mode: "slice";
  /** Orthogonal to the planes: 0 sagittal, 1 coronal, 2 axial. */
  readonly direction: 0 | 1 | 2;
  /** Planes that are left out at the beginning and at the end. */
  readonly discarded: readonly [number, number];
  /** So many planes are used, from the first that is not discarded on; default: all that are left. */
  readonly count?: number;
  /** Channels of the network's input, each the same plane. */
  readonly channels: 1 | 3;
  /** Whether planes are brought to 224×224, by way of 8 bits. */
  readonly resized: boolean;
  /** The parts are files of their own in the CAPS. */
  readonly extracted: boolean;
}

/** What people call the parts of each mode, in sentences. */
export const partNouns: Readonly<Record<PartSettings["mode"], string>> = {
  image: "images",
  patch: "patches",
  roi: "regions",
  slice: "slices",
};
