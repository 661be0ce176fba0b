import {
  type CapsImages,
  type FilePath,
  joinPath,
  type Preprocessing,
  preparedImages,
  VoxplainError,
  withEscapes,
} from "@voxplain/core";
import { mapsLayout } from "./maps-layout.ts";
import type { Layout, NiftiFolder } from "./pipeline-layout.ts";
import { twoNames } from "./two-names.ts";

const segmentation: NiftiFolder = { folder: "t1/spm/segmentation/normalized_space", depth: "here" };

/** Where each preprocessing puts its image, as ClinicaDL 0.2 reads it. */
const layouts: Readonly<Partial<Record<Preprocessing, Layout>>> = {
  "t1-linear": {
    pipeline: "t1_linear",
    suffixes: twoNames("_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w"),
    nifti: { folder: "t1_linear", depth: "here" },
    template: "MNI152NLin2009cSym",
    maskPattern: "_desc-Crop_res-1x1x1",
  },
  "t1-linear-downsampled": {
    pipeline: "t1_linear",
    suffixes: twoNames("_T1w_space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w"),
    template: "MNI152NLin2009cSym",
    maskPattern: "_desc-Crop_res-2x2x2",
  },
  "t1-extensive": {
    pipeline: "t1_extensive",
    suffixes: twoNames("_space-Ixi549Space_desc-skullstripped_T1w"),
    nifti: segmentation,
    template: "Ixi549Space",
    maskPattern: "",
  },
  "t1-volume": {
    pipeline: "custom",
    suffixes: ["_T1w_segm-graymatter_space-Ixi549Space_modulated-off_probability"],
    nifti: segmentation,
    template: "Ixi549Space",
    maskPattern: "",
  },
  shepplogan: { suffixes: ["_phantom-SheppLogan"] },
};

/** Where images are. Those that both generations know have other names in each. */
export function layoutOf(images: CapsImages): Layout {
  const { preprocessing, generation } = images;
  const layout = layouts[preprocessing];
  const isNew = generation === "1.x" && preprocessing === "t1-linear";
  return layout === undefined || isNew ? mapsLayout(images) : layout;
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
 * The files of a session under the first of their names, below the CAPS root: the tensor, and the NIfTI where its folder is
 * known. `*` stands for what is not known of a name.
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
  const layout = layoutOf(images);
  const { tensors, session } = sessionFolders(layout, { participantId, sessionId });
  const [suffix] = layout.suffixes;
  const stem = suffix === undefined ? (layout.glob ?? "*") : `${participantId}_${sessionId}${suffix}`;
  const tensor = joinPath(tensors, `${stem}.pt`);
  if (layout.nifti?.depth !== "here") return { tensor };
  return { tensor, nifti: joinPath(session, layout.nifti.folder, `${stem}.nii.gz`) };
}

/**
 * The folder of a session, and that of its tensors.
 * @throws VoxplainError `unsafe-file` for an ID that would lead elsewhere.
 */
export function sessionFolders(
  { pipeline }: Layout,
  { participantId, sessionId }: { readonly participantId: string; readonly sessionId: string },
  mode: "image" | "patch" | "roi" | "slice" = "image",
): { readonly session: FilePath; readonly tensors: FilePath } {
  checkId(participantId, "participant_id");
  checkId(sessionId, "session_id");
  const session = joinPath("subjects", participantId, sessionId);
  if (pipeline === undefined) return { session, tensors: "subjects" };
  return { session, tensors: joinPath(session, "deeplearning_prepare_data", `${mode}_based`, pipeline) };
}

/** What systems allow as the name of a folder. */
const longestId = 255;

/**
 * IDs become names of folders and files: whatever could lead out of the CAPS is refused, and so are characters that change what a
 * terminal or a picture shows.
 * @throws VoxplainError `invalid-file` for an empty one, `unsafe-file` for a dangerous one.
 */
export function checkId(id: string, column: "participant_id" | "session_id", file?: string): void {
  if (id.trim() === "") throw new VoxplainError("invalid-file", `the ${column} is empty`, { file });
  if (id.length > longestId) {
    const problem = `the ${column} has more than ${longestId} characters, and no folder can have such a name`;
    throw new VoxplainError("invalid-file", problem, { file });
  }
  const why =
    id === "." || id === ".." || /[/\\]/.test(id)
      ? "it would lead to another folder"
      : withEscapes(id) === id
        ? undefined
        : "it has characters that cannot be seen";
  if (why === undefined) return;
  throw new VoxplainError("unsafe-file", `${JSON.stringify(id)} cannot be a ${column}: ${why}`, { file });
}
