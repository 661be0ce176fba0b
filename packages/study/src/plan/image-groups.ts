import { type ImageGrid, type LocatedImage, placedGrid, type Template, voxelSizeOf } from "@voxplain/caps-io";
import { type Affine, elementAt, groupBy } from "@voxplain/core";
import type { Passes } from "@voxplain/saliency";
import type { Model, Preparation } from "../model/model.ts";
import type { CohortImages } from "./cohort-images.ts";
import type { ImageGroup, PlannedGroup } from "./image-group.ts";

/**
 * The images of a list by what a network and a method are opened for: the size of the input and, as methods count in millimetres, that of
 * its voxels. Parts of CAPS images are of one size: those of another were refused.
 */
export function imageKinds(
  model: Model,
  { images, grids }: Pick<CohortImages, "images" | "grids">,
  template: Template | undefined,
): readonly ImageGroup[] {
  const placed = grids.map((grid) => positioned(grid, template));
  const { preparation } = model.input;
  const isOne = preparation.kind === "caps" && model.parts.mode !== "image";
  // Whatever is wrong with the method is said even where no image can be used.
  if (isOne || placed.length === 0) return [{ images, grids, placed, inputDims: inputDimsOf(model, grids) }];
  const kinds = groupBy(placed.keys(), (index) => {
    const { channels, shape, affine } = elementAt(placed, index);
    return JSON.stringify([channels, shape, roundedSize(affine, preparation)]);
  });
  return [...kinds.values()].map((own) => {
    const part = <T>(list: readonly T[]) => own.map((index) => elementAt(list, index));
    const ofKind = part(grids);
    return {
      images: part(images),
      grids: ofKind,
      placed: part(placed),
      inputDims: inputDimsOf(model, ofKind),
    };
  });
}

/** Headers hold float32: what differs by less than 0.01 mm is the same. */
function roundedSize(affine: Affine | undefined, preparation: Preparation): readonly number[] | undefined {
  const size = voxelSizeOf(affine, preparation.kind === "caps" ? preparation.images : undefined);
  return size?.map((along) => Math.round(along * 100));
}

/** The images of a list in its order: runs of images of one kind. */
export function inListOrder(
  kinds: readonly PlannedGroup[],
  images: readonly LocatedImage[],
): readonly PlannedGroup[] {
  const [only] = kinds;
  if (only === undefined || kinds.length === 1) return kinds;
  const kindOf = new Map(
    kinds.flatMap((kind) => kind.images.map((image, index) => [image, { kind, index }] as const)),
  );
  const runs: { readonly kind: PlannedGroup; readonly indices: number[] }[] = [];
  for (const image of images) {
    const found = kindOf.get(image);
    // What is wrong with its kind is a problem of the plan.
    if (found === undefined) continue;
    const { kind, index } = found;
    const last = runs.at(-1);
    if (last?.kind === kind) last.indices.push(index);
    else runs.push({ kind, indices: [index] });
  }
  return runs.map(({ kind, indices }) => {
    const part = <T>(list: readonly T[]) => indices.map((index) => elementAt(list, index));
    return { ...kind, images: part(kind.images), grids: part(kind.grids), placed: part(kind.placed) };
  });
}

/** Predictions do not need an affine that can be used; for maps the images without one were refused. */
function positioned(grid: ImageGrid, template: Template | undefined): ImageGrid {
  if (grid.affineError === undefined || template !== undefined) return placedGrid(grid, template);
  const { affineError: _, ...known } = grid;
  return known;
}

/** The dims of one input of a kind: of whole images as their headers have it, else as the training made them. */
function inputDimsOf(
  { parts, input: { dims } }: Model,
  grids: readonly ImageGrid[],
): readonly number[] | undefined {
  const [first] = grids;
  const shape = parts.mode === "image" ? first?.shape : undefined;
  if (shape !== undefined) return [first?.channels ?? dims?.[0] ?? 1, ...shape];
  const known = dims?.filter((length) => length !== null);
  return known?.length === dims?.length ? known : undefined;
}

/** Passes of one part, on average over the images; undefined where those of a group are not known. */
export function meanPasses(groups: readonly PlannedGroup[]): Passes | undefined {
  let [least, most, count] = [0, 0, 0];
  for (const { images, passes } of groups) {
    if (passes === undefined) return undefined;
    least += images.length * passes.least;
    most += images.length * passes.most;
    count += images.length;
  }
  return count === 0 ? undefined : { least: least / count, most: most / count };
}
