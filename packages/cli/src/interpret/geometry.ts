import type { SessionInput } from "@voxplain/caps-io";
import { readAffine } from "@voxplain/caps-io";
import { type Affine, VoxplainError } from "@voxplain/core";
import { filePlace } from "../job/places.ts";

/** The image that `--nifti_template_path` names. */
export interface Template {
  readonly affine: Affine;
  readonly shape: readonly number[];
  readonly path: string;
}

export async function readTemplate(path: string | undefined): Promise<Template | undefined> {
  if (path === undefined) return undefined;
  const { source, below, path: absolute } = filePlace(path, "nifti_template_path");
  return { ...(await readAffine(source, below)), path: absolute };
}

/**
 * Where the voxels of an image's map lie: the template says it, else the image's own NIfTI in the
 * CAPS, else nobody knows and it is the identity.
 * @throws VoxplainError `mismatch` when the template is on another grid: its affine would be wrong.
 */
export function affineOf({ grid, affine }: SessionInput, template: Template | undefined): Affine | undefined {
  if (template === undefined) return affine;
  if (grid?.length === 3 && grid.join() !== template.shape.slice(0, 3).join()) {
    throw new VoxplainError(
      "mismatch",
      `the template ${template.path} has ${template.shape.join("×")} voxels, the images have ${grid.join("×")}: ` +
        "its affine does not fit them; give a template on the grid of the images (--nifti_template_path)",
    );
  }
  return template.affine;
}

/** Whether two affines put every voxel at the same place, to a thousandth of a millimetre per step. */
export function isSameAffine(one: Affine, other: Affine): boolean {
  return one.every((row, i) => row.every((value, j) => Math.abs(value - other[i]![j]!) < 1e-3));
}

/** The affine of a box of an image: voxel 0 of the box is voxel `start` of the image. */
export function affineOfBox(affine: Affine, start: readonly number[]): Affine {
  const shifted = affine.map((row, k) =>
    k === 3
      ? row
      : [...row.slice(0, 3), row[3] + start.reduce((sum, step, axis) => sum + row[axis]! * step, 0)],
  );
  return shifted as unknown as Affine;
}
