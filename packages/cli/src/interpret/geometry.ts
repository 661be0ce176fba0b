import type { InputImage } from "@voxplain/caps-io";
import { type Affine, identityAffine, VoxplainError } from "@voxplain/core";
import type { Template } from "./plan.ts";

/**
 * Where the voxels of an image's map lie: the template says it, else the image's own NIfTI in the
 * CAPS, else nobody knows and it is the identity.
 * @throws VoxplainError `mismatch` when the template is on another grid: its affine would be wrong.
 */
export function affineOf({ input, affine }: InputImage, template: Template | undefined): Affine | undefined {
  if (template === undefined) return affine;
  const shape = input.dims.slice(1);
  if (shape.length === 3 && shape.join() !== template.shape.slice(0, 3).join()) {
    throw new VoxplainError(
      "mismatch",
      `the template ${template.path} has ${template.shape.join("×")} voxels, the images have ${shape.join("×")}: ` +
        "its affine does not fit them; give a template on the grid of the images (--nifti_template_path)",
    );
  }
  return template.affine;
}

export const unknownAffine = {
  affine: identityAffine,
  warning:
    "nothing says where the voxels lie: the maps get the identity as their affine; " +
    "give an image on the same grid with --nifti_template_path",
};
