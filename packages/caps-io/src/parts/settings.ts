/** Which parts of an image a network sees: the whole, or many that vote. */
export type PartSettings = ImageSettings | PatchSettings | RoiSettings | SliceSettings;

/** The network sees whole images. */
export interface ImageSettings {
  /** As in commandline.json. */
  readonly mode: "image";
}

/** Cubes. Size and stride in voxels. */
export interface PatchSettings {
  /** As in commandline.json. */
  readonly mode: "patch";
  /** Edge of the cubes, in voxels. */
  readonly size: number;
  /** Voxels from the start of a patch to that of the next, along each axis. */
  readonly stride: number;
  /** The parts lie in the CAPS as files of their own, as `clinicadl extract` writes them. */
  readonly extracted: boolean;
}

/** Regions of interest. */
export interface RoiSettings {
  /** As in commandline.json. */
  readonly mode: "roi";
  /** Names of masks in the CAPS; undefined for the two hippocampi. */
  readonly list: readonly string[] | undefined;
  /** A mask's region keeps the size of the image, zero outside the mask. */
  readonly uncropped: boolean;
  /** The parts lie in the CAPS as files of their own. */
  readonly extracted: boolean;
}

/** Planes, each on three equal channels. */
export interface SliceSettings {
  /** As in commandline.json. */
  readonly mode: "slice";
  /** Orthogonal to the planes: 0 sagittal, 1 coronal, 2 axial. */
  readonly direction: 0 | 1 | 2;
  /** Planes that are left out at the beginning and at the end. */
  readonly discarded: readonly [number, number];
  /** The parts lie in the CAPS as files of their own. */
  readonly extracted: boolean;
}

/** How errors call them. */
export const partNouns = { image: "images", patch: "patches", roi: "regions", slice: "slices" } as const;
