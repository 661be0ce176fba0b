import type { SessionInput } from "@voxplain/caps-io";
import { readAffine } from "@voxplain/caps-io";
import { type Affine, VoxplainError } from "@voxplain/core";
import { nameOf } from "../job/explain-sessions.ts";
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
 */
export function affineOf({ affine }: SessionInput, template: Template | undefined): Affine | undefined {
  return template === undefined ? affine : template.affine;
}

/**
 * Says why the map of a session cannot be put where it should be: its image is on another grid than the template,
 * whose affine would be wrong; or, at group level, than the images before it. Networks of parts do not notice, for
 * parts of such images have the same shape.
 */
export function gridCheck(
  level: "group" | "individual",
  template: Template | undefined,
): (input: SessionInput) => VoxplainError | undefined {
  let first: SessionInput | undefined;
  return (input) => {
    const { grid } = input;
    if (grid === undefined) return undefined;
    const has = `${nameOf(input)} has ${grid.join("×")} voxels`;
    if (template && grid.length === 3 && grid.join() !== template.shape.slice(0, 3).join()) {
      return new VoxplainError(
        "mismatch",
        `${has}, but the template ${template.path} has ${template.shape.join("×")}: its affine does not fit; ` +
          "give a template on the grid of the images (--nifti_template_path)",
      );
    }
    if (level === "individual") return undefined;
    first ??= input;
    if (first.grid?.join() === grid.join()) return undefined;
    return new VoxplainError(
      "mismatch",
      `${has}, but ${nameOf(first)} has ${first.grid?.join("×")}: a group's map lies on one grid; ` +
        "at individual level each has its own",
    );
  };
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
