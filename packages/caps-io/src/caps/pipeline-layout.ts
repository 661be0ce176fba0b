import type { FilePath } from "@voxplain/core";

/** Where the images and parts of a pipeline are in a CAPS, and how they are named. */
export interface Layout {
  /** Folder below image_based/, patch_based/, …; absent where images are directly in subjects/. */
  readonly pipeline?: string;
  /**
   * What follows <participant>_<session> in the names of an image. The first is what Clinica or ClinicaDL of the model's
   * time writes. None where a name does not follow from what is known of the images.
   */
  readonly suffixes: readonly string[];
  /** Other names of the image, without their ending, in letters of either case: `*` stands for any text. */
  readonly glob?: string;
  /** Where its NIfTI is, below the folder of the session; absent where there is none. */
  readonly nifti?: NiftiFolder;
  /** The template that the images are registered to; absent where images have no parts. */
  readonly template?: string;
  /** What stands between template and region in the names of masks. */
  readonly maskPattern?: string;
}

/** Where the NIfTI of a session is. */
export interface NiftiFolder {
  readonly folder: FilePath;
  /** Whether the NIfTI is in this folder, in a folder of it, or at any depth. */
  readonly depth: "here" | "one below" | "any";
}
