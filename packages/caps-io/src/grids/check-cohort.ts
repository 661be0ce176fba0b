import { type Affine, axisCodes, VoxplainError } from "@voxplain/core";
import { type Template, templateMisfit, templateWarnings } from "./affine-of.ts";
import { compareGrids, describeMisfit, type ImageGrid, namesOf } from "./compare-grids.ts";

/** What is to be made of a cohort. */
export interface CohortUse {
  /** "mean": one map of all images; "maps": a map of each; "predictions": no maps, so that positions do not count. */
  readonly result: "mean" | "maps" | "predictions";
  /** The image whose affine the maps get. */
  readonly template?: Template;
  /** Whether all images must have as many parts, as of networks whose votes and means are of each part. Default: false. */
  readonly sameParts?: boolean;
}

/** What the headers of a cohort show before any voxel is read. */
export interface CohortGrids {
  /** Why an image cannot be used, by its index. */
  readonly refused: ReadonlyMap<number, VoxplainError>;
  /** Sentences about positions that differ or are unknown. */
  readonly warnings: readonly string[];
}

/**
 * Checks that the images of a cohort can be used together. Images that differ are those that differ from what most have.
 * A mean needs one shape, one orientation and, without a template, one position; maps and predictions of images with
 * different orientations give a warning. Where the position of images is unknown, it is assumed to be that of the others.
 */
export function checkCohort(
  images: readonly ImageGrid[],
  { result, template, sameParts = false }: CohortUse,
): CohortGrids {
  const refused = new Map<number, VoxplainError>();
  const warnings: string[] = [...(template?.warnings ?? [])];
  const left = () => [...images.entries()].filter(([index]) => !refused.has(index));
  for (const [index, image] of images.entries()) {
    const error = ownProblem(image, result, template);
    if (error !== undefined) refused.set(index, error);
    else if (image.affineError !== undefined) warnings.push(`${image.name}: ${withoutOwn(image, template)}`);
  }
  if (sameParts) for (const [index, error] of differentParts(left())) refused.set(index, error);
  if (result === "mean") {
    for (const differ of [differentShapes, differentDirections, ...(template ? [] : [differentPositions])]) {
      for (const [index, error] of differ(left())) refused.set(index, error);
    }
  }
  const used = left().map(([, image]) => image);
  const ofPositions =
    template !== undefined
      ? templateWarnings(used, template)
      : result === "mean"
        ? unknownAmongKnown(used)
        : [];
  const ofDirections = result === "mean" ? [] : mixedDirections(used);
  return { refused, warnings: [...warnings, ...ofPositions, ...ofDirections] };
}

type Indexed<Grid = ImageGrid> = readonly (readonly [number, Grid])[];
type Refusals = readonly (readonly [number, VoxplainError])[];

function ownProblem(
  image: ImageGrid,
  result: CohortUse["result"],
  template: Template | undefined,
): VoxplainError | undefined {
  const { name, affineError, problem } = image;
  if (problem !== undefined) return problem;
  const misfit = template && templateMisfit(image, template);
  if (misfit !== undefined) return misfit;
  if (affineError === undefined || template !== undefined || result === "predictions") return undefined;
  return new VoxplainError("invalid-file", affineError, { session: name, hint: "correct its header" });
}

function withoutOwn({ affineError }: ImageGrid, template: Template | undefined): string {
  return template
    ? `${affineError}; the template's affine is used`
    : `${affineError}; predictions do not need it`;
}

function differentParts(images: Indexed): Refusals {
  return differing(
    images.filter(([, { parts }]) => parts !== undefined),
    ({ parts }) => `${parts}`,
    (image, usual) =>
      `${image.name}${voxelsOf(image)} has ${image.parts} parts, but ${usual.name}${voxelsOf(usual)} has ${usual.parts}: ` +
      "the network was trained on as many of each image",
  );
}

function voxelsOf({ shape }: ImageGrid): string {
  return shape === undefined ? "" : ` (${shape.join("×")} voxels)`;
}

function differentShapes(images: Indexed): Refusals {
  const known = images.flatMap(([index, image]) =>
    image.shape === undefined ? [] : [[index, { ...image, shape: image.shape }] as const],
  );
  return differing(
    known,
    ({ shape }) => shape.join(),
    (image, usual) =>
      `${image.name} has ${image.shape.join("×")} voxels, but ${usual.name} has ${usual.shape.join("×")}: ` +
      "the mean map has one grid; at individual level each has its own",
  );
}

function differentDirections(images: Indexed): Refusals {
  return differing(
    placed(images),
    ({ affine }) => axisCodes(affine),
    (image, usual) =>
      `${describeMisfit(image, usual, image.shape ?? [])}: maps of images with different orientations cannot be averaged; ` +
      "reorient the images to one orientation, or explain them at individual level",
  );
}

function differentPositions(images: Indexed): Refusals {
  const known = placed(images);
  const usual = mostCommon(known, ({ affine }) => affine.flat().map(Math.fround).join());
  if (usual === undefined) return [];
  return known.flatMap(([index, image]) => {
    const { shape = [] } = image;
    if (compareGrids(image.affine, usual.affine, shape) === "same") return [];
    const error = new VoxplainError(
      "mismatch",
      `${describeMisfit(image, usual, shape)}: a mean map needs images on one grid; ` +
        "resample them to one, or give the template on whose grid they are",
    );
    return [[index, error] as const];
  });
}

/** Those whose position is known. */
function placed(images: Indexed): Indexed<ImageGrid & { readonly affine: Affine }> {
  return images.flatMap(([index, image]) =>
    image.affine === undefined ? [] : [[index, { ...image, affine: image.affine }] as const],
  );
}

/** The images whose key is not the most common one. */
function differing<Grid extends ImageGrid>(
  images: Indexed<Grid>,
  keyOf: (image: Grid) => string,
  sentence: (image: Grid, usual: Grid) => string,
): Refusals {
  const usual = mostCommon(images, keyOf);
  if (usual === undefined) return [];
  return images
    .filter(([, image]) => keyOf(image) !== keyOf(usual))
    .map(([index, image]) => [index, new VoxplainError("mismatch", sentence(image, usual))] as const);
}

/** The first image of those with the most common key; of equally common ones the first. */
function mostCommon<Grid extends ImageGrid>(
  images: Indexed<Grid>,
  keyOf: (image: Grid) => string,
): Grid | undefined {
  const counts = new Map<string, { first: Grid; count: number }>();
  let usual: { first: Grid; count: number } | undefined;
  for (const [, image] of images) {
    const key = keyOf(image);
    const entry = counts.get(key) ?? { first: image, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  for (const entry of counts.values()) if (usual === undefined || entry.count > usual.count) usual = entry;
  return usual?.first;
}

function unknownAmongKnown(images: readonly ImageGrid[]): readonly string[] {
  const unknown = images.filter(({ affine, shape }) => affine === undefined && shape?.length !== 2);
  const known = images.find(({ affine }) => affine !== undefined);
  if (known === undefined || unknown.length === 0) return [];
  return [
    `the position of ${namesOf(unknown)} is unknown: ${unknown.length === 1 ? "it is" : "they are"} assumed to be on the grid of ${known.name}`,
  ];
}

function mixedDirections(images: readonly ImageGrid[]): readonly string[] {
  const groups = new Map<string, ImageGrid[]>();
  for (const image of images) {
    if (image.affine === undefined) continue;
    const codes = axisCodes(image.affine);
    groups.set(codes, [...(groups.get(codes) ?? []), image]);
  }
  if (groups.size < 2) return [];
  const list = [...groups].map(([codes, group]) => `${codes} (${namesOf(group)})`).join(", ");
  return [
    `the axes of the images point in different directions: ${list}; a network sees voxels in the order of the file, ` +
      "so check that all have the orientation that it was trained on",
  ];
}
