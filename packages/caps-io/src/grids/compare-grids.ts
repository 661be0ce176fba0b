import {
  type Affine,
  axisCodes,
  cornerDistance,
  elementAt,
  isSamePosition,
  VoxplainError,
} from "@voxplain/core";
import type { Reduction } from "../transforms/size-reduction.ts";

/** Something on a grid of voxels, as far as headers give it. */
export interface ImageGrid {
  /** For messages: "sub-01 ses-M00", or a file. */
  readonly name: string;
  /** Voxels along each axis; undefined where nothing gives them. */
  readonly shape?: readonly number[];
  /** Channels of the network's input; undefined where nothing gives them. */
  readonly channels?: number;
  /** Which voxels of the stored image these are, where size reduction left some out. */
  readonly reduction?: Reduction;
  /** How many parts the network sees of it; undefined of a whole image. */
  readonly parts?: number;
  /** Voxels along each axis of each extracted part, in their order, where nothing else than their files gives them. */
  readonly partShapes?: readonly (readonly number[])[];
  /** Voxel indices to mm; undefined where the position is unknown. */
  readonly affine?: Affine;
  /** Why the position that the header gives cannot be used; names the file. */
  readonly affineError?: string;
  /** Why it cannot be used, as far as headers show it. */
  readonly problem?: VoxplainError;
}

/**
 * How two affines on one shape relate: "same" within 0.01 mm at each of the eight corner voxels, "moved" where the axes
 * point in the same directions but some voxel is at another position, "turned" where the axes point in other directions
 * (RAS and LAS), "unknown" where either is undefined.
 */
export type GridRelation = "same" | "moved" | "turned" | "unknown";

/**
 * Compares the positions of two images of the same shape.
 * @param shape - Voxels along each axis of both.
 */
export function compareGrids(
  one: Affine | undefined,
  other: Affine | undefined,
  shape: readonly number[],
): GridRelation {
  if (one === undefined || other === undefined) return "unknown";
  if (isSamePosition(one, other, shape)) return "same";
  return axisCodes(one) === axisCodes(other) ? "moved" : "turned";
}

/** "sub-01 ses-M00 and 3 more". */
export function namesOf(images: readonly ImageGrid[]): string {
  const { name } = elementAt(images, 0);
  return images.length === 1 ? name : `${name} and ${images.length - 1} more`;
}

/** A sentence about two grids that are not the same, with both affines. */
export function describeMisfit(one: ImageGrid, other: ImageGrid, shape: readonly number[]): string {
  const [a, b] = [one.affine, other.affine];
  if (a === undefined || b === undefined) throw new RangeError("only known positions can be compared");
  if (axisCodes(a) !== axisCodes(b)) {
    return (
      `the axes of ${one.name} point in other directions (${describeAffine(a)}) ` +
      `than those of ${other.name} (${describeAffine(b)})`
    );
  }
  const distance = cornerDistance(a, b, shape);
  return (
    `${one.name} is at another position (${describeAffine(a)}) than ${other.name} (${describeAffine(b)}): ` +
    `voxels are up to ${Number(distance.toPrecision(2))} mm apart`
  );
}

/** "RAS, [1 0 0 -90; 0 1 0 -126; 0 0 1 -72]". */
export function describeAffine(affine: Affine): string {
  const rows = affine.slice(0, 3).map((row) => row.map((value) => Number(value.toPrecision(6))).join(" "));
  return `${axisCodes(affine)}, [${rows.join("; ")}]`;
}

/** What has to be on the grid of the images: an atlas, a mask, images to compare with. */
export interface Companion extends ImageGrid {
  /** An atlas has to be at the same position; of images to compare with, the directions of the axes count. */
  readonly needs: "position" | "directions";
  /** Sentences about its header, which are given with the others. */
  readonly warnings?: readonly string[];
}

/**
 * Compares an atlas, a mask or an image with the images that it is used for.
 * Shapes that differ are not its business: methods refuse them.
 * @returns Warnings: where positions differ that need not be the same, or one of the two is unknown.
 * @throws VoxplainError `mismatch` with both affines where the axes point in other directions, or where the position
 * differs that has to be the same; `invalid-file` for a companion whose own affine is broken.
 */
export function checkCompanion(companion: Companion, images: readonly ImageGrid[]): readonly string[] {
  if (companion.affineError !== undefined && companion.needs === "position") {
    throw new VoxplainError("invalid-file", `${companion.affineError}; correct its header`);
  }
  const own = companion.warnings ?? [];
  for (const image of images) {
    const { shape } = image;
    if (shape === undefined || (companion.shape && !isSameShape(companion.shape, shape))) continue;
    const relation = compareGrids(companion.affine, image.affine, shape);
    if (relation === "same") continue;
    if (relation === "turned" || (relation === "moved" && companion.needs === "position")) {
      throw new VoxplainError(
        "mismatch",
        `${describeMisfit(companion, image, shape)}; put both on one grid, or correct the header that is wrong`,
      );
    }
    // One warning is enough: the next image does not make it more true.
    if (relation === "moved") return [...own, describeMisfit(companion, image, shape)];
    if (companion.affine !== undefined || image.affine !== undefined) {
      const unknown = companion.affine === undefined ? companion.name : image.name;
      const known = companion.affine === undefined ? image.name : companion.name;
      return [...own, `the position of ${unknown} is unknown: it is assumed to be on the grid of ${known}`];
    }
  }
  return own;
}

/** A slice [H, W] may be stored as [H, W, 1]. */
export function isSameShape(one: readonly number[], other: readonly number[]): boolean {
  return [0, 1, 2].every((axis) => (one[axis] ?? 1) === (other[axis] ?? 1));
}
