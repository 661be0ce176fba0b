import {
  type CapsImages,
  type FilePath,
  joinPath,
  type Preprocessing,
  preparedImages,
  VoxplainError,
} from "@voxplain/core";

export interface Layout {
  /** Folder below image_based/; absent where images lie directly in subjects/. */
  readonly pipeline?: string;
  /** What follows <participant>_<session> in file names. */
  readonly suffix: string;
  /** Folder of the NIfTI below subjects/<participant>/<session>/, where the CAPS has one. */
  readonly nifti?: string;
  /** The template that the images are registered to; absent where images have no parts. */
  readonly template?: string;
  /** What stands between template and region in the names of masks. */
  readonly maskPattern?: string;
}

const segmentation = "t1/spm/segmentation/normalized_space";

/** Where each preprocessing puts its image. */
const layouts: Readonly<Partial<Record<Preprocessing, Layout>>> = {
  "t1-linear": {
    pipeline: "t1_linear",
    suffix: "_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w",
    nifti: "t1_linear",
    template: "MNI152NLin2009cSym",
    maskPattern: "_desc-Crop_res-1x1x1",
  },
  "t1-linear-downsampled": {
    pipeline: "t1_linear",
    suffix: "_T1w_space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w",
    template: "MNI152NLin2009cSym",
    maskPattern: "_desc-Crop_res-2x2x2",
  },
  "t1-extensive": {
    pipeline: "t1_extensive",
    suffix: "_space-Ixi549Space_desc-skullstripped_T1w",
    nifti: segmentation,
    template: "Ixi549Space",
    maskPattern: "",
  },
  "t1-volume": {
    pipeline: "custom",
    suffix: "_T1w_segm-graymatter_space-Ixi549Space_modulated-off_probability",
    nifti: segmentation,
    template: "Ixi549Space",
    maskPattern: "",
  },
  shepplogan: { suffix: "_phantom-SheppLogan" },
  "flair-linear": {
    pipeline: "flair_linear",
    suffix: "_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_flair",
    nifti: "flair_linear",
    template: "MNI152NLin2009cSym",
    maskPattern: "_desc-Crop_res-1x1x1",
  },
};

export function layoutOf({ preprocessing }: CapsImages): Layout {
  const layout = layouts[preprocessing];
  if (layout !== undefined) return layout;
  throw new VoxplainError("unsupported", `images of ${preprocessing} cannot be found in a CAPS yet`);
}

/** The voxels [X, Y, Z] of every image; undefined where images are 2D, and where their size is not settled. */
export function gridOf3d(images: CapsImages): readonly number[] | undefined {
  const [, ...grid] = preparedImages(images).imageDims ?? [];
  return grid.length === 3 ? grid : undefined;
}

/** Whether the images are planes. */
export function is2d(images: CapsImages): boolean {
  return preparedImages(images).imageDims?.length === 3;
}

/**
 * The files of a session, below the CAPS root: the tensor, and the NIfTI where there can be one.
 * @throws VoxplainError `unsafe-file` for an ID that would lead elsewhere.
 */
export function imagePaths(
  images: CapsImages,
  participantId: string,
  sessionId: string,
): {
  /** The `.pt`. */
  readonly tensor: FilePath;
  /** The `.nii.gz`; absent where the preprocessing has none. */
  readonly nifti?: FilePath;
} {
  checkId(participantId, "participant_id");
  checkId(sessionId, "session_id");
  const layout = layoutOf(images);
  const stem = `${participantId}_${sessionId}${layout.suffix}`;
  if (layout.pipeline === undefined) return { tensor: joinPath("subjects", `${stem}.pt`) };
  const session = joinPath("subjects", participantId, sessionId);
  const tensor = joinPath(session, "deeplearning_prepare_data/image_based", layout.pipeline, `${stem}.pt`);
  if (layout.nifti === undefined) return { tensor };
  return { tensor, nifti: joinPath(session, layout.nifti, `${stem}.nii.gz`) };
}

/**
 * The same file as another version of Clinica or ClinicaDL calls it: with or without "_T1w" in front of "_space-".
 * Undefined where there is no such name.
 */
export function otherName(
  path: FilePath,
  { participantId, sessionId }: { readonly participantId: string; readonly sessionId: string },
): FilePath | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const id = `${participantId}_${sessionId}`;
  const rest = name.slice(id.length);
  const other = rest.startsWith("_T1w_space-")
    ? rest.slice("_T1w".length)
    : rest.startsWith("_space-")
      ? `_T1w${rest}`
      : undefined;
  return other === undefined ? undefined : `${path.slice(0, path.length - name.length)}${id}${other}`;
}

/**
 * IDs become names of folders and files: whatever could lead out of the CAPS is refused.
 * @throws VoxplainError `invalid-file` for an empty one, `unsafe-file` for a dangerous one.
 */
export function checkId(id: string, column: "participant_id" | "session_id", file?: string): void {
  if (id.trim() === "") throw new VoxplainError("invalid-file", `the ${column} is empty`, { file });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (id === "." || id === ".." || /[/\\\0-\x1f\x7f]/.test(id)) {
    throw new VoxplainError(
      "unsafe-file",
      `${JSON.stringify(id)} cannot be a ${column}: it would lead to another folder`,
      { file },
    );
  }
}
