import { readAffine } from "@voxplain/caps-io";
import { type Affine, type FilePath, type FileSource, identityAffine, type Volume } from "@voxplain/core";

/** A NIfTI that tells where the voxels of images on its grid lie. */
export interface Template {
  readonly name: string;
  readonly affine: Affine;
  readonly shape: readonly number[];
}

export interface Placed {
  readonly affine: Affine;
  readonly isPlaced: boolean;
  readonly warnings: readonly string[];
}

/** @throws VoxplainError naming the file when it is no NIfTI. */
export async function readTemplate(files: FileSource, path: FilePath): Promise<Template> {
  const { affine, shape } = await readAffine(files, path);
  return { name: `${files.name}/${path}`, affine, shape };
}

/** The image's own NIfTI says where its voxels lie, else the template, else nobody does. */
export function placeVoxels(
  shape: Volume["shape"],
  own: Affine | undefined,
  template: Template | undefined,
): Placed {
  if (own !== undefined) return { affine: own, isPlaced: true, warnings: [] };
  if (template === undefined) return { affine: identityAffine, isPlaced: false, warnings: [] };
  if (template.shape.join() === shape.join()) {
    return { affine: template.affine, isPlaced: true, warnings: [] };
  }
  const warning =
    `the template ${template.name} has ${template.shape.join("×")} voxels, the image has ${shape.join("×")}: ` +
    "it is not used";
  return { affine: identityAffine, isPlaced: false, warnings: [warning] };
}

/** Millimetres between voxels of images that were prepared so, as the pipelines make them. */
const preparedVoxelSizes: Readonly<Record<string, number>> = {
  "t1-linear": 1,
  "t1-linear-downsampled": 2,
  "t1-extensive": 1.5,
  "t1-volume": 1.5,
};

/** Millimetres along each axis, where something says them. */
export function voxelSizeOf(
  { affine, isPlaced }: Placed,
  preprocessing: string | undefined,
): readonly number[] | undefined {
  if (isPlaced) {
    return [0, 1, 2].map((axis) => Math.hypot(affine[0][axis]!, affine[1][axis]!, affine[2][axis]!));
  }
  const size = preprocessing === undefined ? undefined : preparedVoxelSizes[preprocessing];
  return size === undefined ? undefined : [size, size, size];
}
