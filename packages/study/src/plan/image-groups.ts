import { type ImageGrid, placedGrid, type Template, voxelSizeOf } from "@voxplain/caps-io";
import type { Passes } from "@voxplain/saliency";
import type { Model } from "../model/model.ts";
import type { CohortImages } from "./cohort-images.ts";
import type { ImageGroup, PlannedGroup } from "./image-group.ts";

/**
 * The groups of a list. Networks that take images of any size are opened for each size, and methods count in millimetres
 * for each voxel size; a model with images of one preprocessing has one group.
 */
export function imageGroups(
  model: Model,
  { images, grids }: Pick<CohortImages, "images" | "grids">,
  template: Template | undefined,
): readonly ImageGroup[] {
  const placed = grids.map((grid) => positioned(grid, template));
  const inputDims = inputDimsOf(model, grids);
  const isOneSize = inputDims !== undefined || model.parts.mode !== "image";
  if (model.input.preparation.kind === "caps" && isOneSize) return [{ images, grids, placed, inputDims }];
  const keys = placed.map(({ channels, shape, affine }) =>
    JSON.stringify([channels, shape, voxelSizeOf(affine)]),
  );
  const starts = [...keys.keys()].filter((index) => index === 0 || keys[index] !== keys[index - 1]);
  return starts.map((start, k) => {
    const part = <T>(list: readonly T[]) => list.slice(start, starts[k + 1]);
    const own = part(grids);
    return { images: part(images), grids: own, placed: part(placed), inputDims: inputDimsOf(model, own) };
  });
}

/** Predictions do not need an affine that can be used; for maps the images without one were refused. */
function positioned(grid: ImageGrid, template: Template | undefined): ImageGrid {
  const { affineError, ...known } = grid;
  return affineError !== undefined && template === undefined ? known : placedGrid(grid, template);
}

/** The dims of one input: of whole images as their headers have it, else as the training made them. */
function inputDimsOf(
  { parts, input: { dims } }: Model,
  grids: readonly ImageGrid[],
): readonly number[] | undefined {
  const shapes = new Set(grids.map(({ shape }) => shape?.join()));
  const [first] = grids;
  const shape = parts.mode === "image" && shapes.size === 1 ? first?.shape : undefined;
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
