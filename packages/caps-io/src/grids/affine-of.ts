import { type Affine, type FilePath, type FileSource, knownPosition, VoxplainError } from "@voxplain/core";
import { reducedAffine } from "../transforms/size-reduction.ts";
import { isMghName } from "../volumes/mgh-header.ts";
import { readAffine } from "../volumes/nifti.ts";
import {
  compareGrids,
  describeAffine,
  describeMisfit,
  type ImageGrid,
  isSameShape,
  namesOf,
} from "./compare-grids.ts";

/** A NIfTI or MGH image whose affine maps get. */
export interface Template {
  /** Its path, for messages. */
  readonly name: string;
  /** Voxel indices to mm. */
  readonly affine: Affine;
  /** Voxels along each axis: [X, Y, Z]. */
  readonly shape: readonly number[];
  /** Sentences about its header. */
  readonly warnings: readonly string[];
}

/**
 * Reads the header of a template.
 * @throws VoxplainError `not-found`; `invalid-file` naming the file when it is no such image, or gives no usable affine.
 */
export async function readTemplate(source: FileSource, path: FilePath): Promise<Template> {
  const name = `${source.name}/${path}`;
  const { shape, affine, affineError, warnings } = await readAffine(source, path);
  if (affine !== undefined && knownPosition(affine) !== undefined) return { name, affine, shape, warnings };
  if (affineError !== undefined)
    throw new VoxplainError("invalid-file", `${affineError}; correct its header`);
  const none = isMghName(path) ? "its goodRASFlag is 0" : "its sform and its qform have code 0";
  const reason = affine === undefined ? none : "its affine is the identity";
  throw new VoxplainError("invalid-file", `it gives no position and cannot be a template: ${reason}`, {
    file: name,
  });
}

/** Which affine the map of an image gets. */
export interface MapPosition {
  /** Undefined where the position is unknown. */
  readonly affine?: Affine;
  /** Sentences about the position. */
  readonly warnings: readonly string[];
}

/**
 * The affine of an image's map: the template's where one is given, else the image's own, else none. The template of a slice
 * [H, W] has a third axis of one voxel; that of an image whose size was reduced may be on the grid before or behind.
 * @throws VoxplainError `mismatch` for a template of another shape; `invalid-file` naming the file where the image's own
 * affine is broken and there is no template.
 */
export function affineOf(image: ImageGrid, given: Template | undefined): MapPosition {
  const { name, affine, affineError } = image;
  if (given === undefined) {
    if (affineError !== undefined)
      throw new VoxplainError("invalid-file", affineError, {
        session: name,
        hint: "correct its header, or give a template on its grid",
      });
    return { ...(affine && { affine }), warnings: [] };
  }
  const misfit = templateMisfit(image, given);
  if (misfit !== undefined) throw misfit;
  const template = reducedAs(image, given);
  const warnings = affineError === undefined ? [] : [`${affineError}; the template's affine is used`];
  if (affine !== undefined && compareGrids(affine, template.affine, template.shape) !== "same") {
    warnings.push(`${describeMisfit(image, template, template.shape)}; the map gets the template's affine`);
  }
  return { affine: template.affine, warnings };
}

/** Why the affine of a template does not fit an image, if so: its shape is another. */
export function templateMisfit(image: ImageGrid, template: Template): VoxplainError | undefined {
  const { name, shape } = image;
  if (shape === undefined || isSameShape(shape, reducedAs(image, template).shape)) return undefined;
  return new VoxplainError(
    "mismatch",
    `${name} has ${shape.join("×")} voxels, but the template ${template.name} has ${template.shape.join("×")}: ` +
      "its affine does not fit; give a template on the grid of the images",
  );
}

/** The template with the voxels that size reduction leaves, where it has as many as the image had before. */
function reducedAs({ reduction }: ImageGrid, template: Template): Template {
  if (reduction === undefined || !isSameShape(reduction.from, template.shape)) return template;
  return { ...template, affine: reducedAffine(template.affine, reduction), shape: reduction.size };
}

/** The image at the position that its map gets. @throws VoxplainError as `affineOf`. */
export function placedGrid(image: ImageGrid, template: Template | undefined): ImageGrid {
  const { affine } = affineOf(image, template);
  if (affine === image.affine && image.affineError === undefined) return image;
  const { affine: _, affineError: __, ...unplaced } = image;
  return { ...unplaced, ...(affine && { affine }) };
}

/** Warnings about images whose own affine is not that of the template: one for each affine, the first ten. */
export function templateWarnings(images: readonly ImageGrid[], template: Template): readonly string[] {
  const groups = new Map<string, ImageGrid[]>();
  for (const image of images) {
    if (image.affine === undefined) continue;
    const own = reducedAs(image, template);
    if (compareGrids(image.affine, own.affine, own.shape) === "same") continue;
    const key = describeAffine(image.affine);
    groups.set(key, [...(groups.get(key) ?? []), image]);
  }
  const sentences = [...groups].slice(0, 10).map(([affine, group]) => {
    return (
      `the image of ${namesOf(group)} has another affine (${affine}) than the template ${template.name} ` +
      `(${describeAffine(template.affine)}); the maps get the template's`
    );
  });
  const more = groups.size - sentences.length;
  return more > 0 ? [...sentences, `${more} more affines differ from that of the template`] : sentences;
}
