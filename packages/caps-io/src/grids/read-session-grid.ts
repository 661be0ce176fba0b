import { isVoxplainError, type VoxplainError } from "@voxplain/core";
import { ofOneClass } from "../of-one-class.ts";
import { countParts } from "../parts/count-parts.ts";
import type { ExtractedFiles } from "../parts/extracted-files.ts";
import { type ExtractedPlan, planExtracted } from "../parts/extracted-plan.ts";
import { gridOf, type ImageGeometry, naming, readGeometry } from "../parts/load-image.ts";
import type { CapsFiles, LocatedImage } from "../parts/located-image.ts";
import { volumeGrid } from "../parts/read-from-image.ts";
import { checkMasks } from "../parts/region-masks.ts";
import type { PartSettings } from "../parts/settings.ts";
import { wholeReduction } from "../parts/whole-reduction.ts";
import { ahead } from "../read-ahead.ts";
import { reducedAffine } from "../transforms/size-reduction.ts";
import { openTensor } from "../volumes/read-tensor.ts";
import type { ImageGrid } from "./compare-grids.ts";

/** Headers that are read at the same time. */
const concurrent = 8;

/**
 * The grids of sessions, in their order, from the headers of their files. A file whose header cannot be read, or that
 * does not fit the masks, is the `problem` of its grid.
 */
export async function readSessionGrids(sessions: readonly LocatedImage[]): Promise<readonly ImageGrid[]> {
  const grids: ImageGrid[] = [];
  for await (const grid of ahead(sessions, (located) => located.grid(), concurrent))
    grids.push(sharing(grid, grids.at(-1)));
  return grids;
}

/** With the arrays of the grid before it where these are the same: the images of a long list mostly are on one grid. */
function sharing(grid: ImageGrid, before: ImageGrid | undefined): ImageGrid {
  const { shape = [], affine = [] } = before ?? {};
  const isShape =
    grid.shape?.length === shape.length && shape.every((length, k) => grid.shape?.[k] === length);
  const isAffine =
    grid.affine?.length === affine.length &&
    affine.every((row, i) => row.every((value, k) => Object.is(grid.affine?.[i]?.[k], value)));
  return ofOneClass({
    ...grid,
    ...(isShape && before?.shape && { shape: before.shape }),
    ...(isAffine && before?.affine && { affine: before.affine }),
  });
}

/** The grid of one session of a CAPS. */
export async function readSessionGrid(located: CapsFiles): Promise<ImageGrid> {
  const { session, image, extracted, masks, settings } = located;
  const name = session.name;
  const geometry = image && (await attempt(() => readGeometry(located, image)));
  if (extracted) return { name, ...(await gridOfParts(located, extracted, geometry)) };
  if (geometry instanceof Error) return { name, problem: geometry };
  const grid = { name, ...(geometry && gridOf(geometry)) };
  if (image && geometry && settings.mode === "image") {
    const left = await attempt(() => naming(located, image.path, async () => gridLeft(settings, geometry)));
    return left instanceof Error ? { ...grid, problem: left } : { ...grid, ...left };
  }
  if (!image || !geometry) return grid;
  const parts = await attempt(() =>
    naming(located, image.path, async () => {
      if (masks) checkMasks(masks, grid);
      return countParts(settings, volumeGrid(geometry));
    }),
  );
  return parts instanceof Error ? { ...grid, problem: parts } : { ...grid, parts };
}

/** The grid of a map of the whole image. */
function gridLeft(
  settings: PartSettings,
  geometry: ImageGeometry,
): Pick<ImageGrid, "shape" | "affine" | "reduction"> {
  const reduction = wholeReduction(settings, geometry);
  if (reduction === undefined) return {};
  const { affine } = geometry;
  return { shape: reduction.size, reduction, ...(affine && { affine: reducedAffine(affine, reduction) }) };
}

/** Extracted parts are good without the whole image, which is there to place them. */
async function gridOfParts(
  located: CapsFiles,
  extracted: ExtractedFiles,
  image: ImageGeometry | VoxplainError | undefined,
): Promise<Omit<ImageGrid, "name">> {
  const { caps } = located;
  const geometry = image instanceof Error ? undefined : image;
  const known = geometry && gridOf(geometry);
  const { ids } = extracted;
  const first = extracted.pathOf(ids[0]);
  const plan = await attempt(() =>
    naming(located, first, async () => {
      const { dims } = await openTensor(caps, first);
      return planExtracted(located, ids, dims, geometry?.dims.slice(1));
    }),
  );
  if (plan instanceof Error) return { ...known, problem: plan };
  const grid = { ...known, ...(plan.grid && { shape: plan.grid }), parts: plan.parts.length };
  const shapes = await shapesOfFiles(located, extracted, plan);
  return shapes instanceof Error
    ? { ...grid, problem: shapes }
    : { ...grid, ...(shapes && { partShapes: shapes }) };
}

/** Undefined where the settings, the image or masks give the shape of each part, and its file is compared with that. */
async function shapesOfFiles(
  located: CapsFiles,
  extracted: ExtractedFiles,
  { parts, dimsOf }: ExtractedPlan,
): Promise<readonly (readonly number[])[] | VoxplainError | undefined> {
  const shapes: (readonly number[])[] = [];
  for (const part of parts) {
    if (dimsOf(part) !== undefined) return undefined;
    const path = extracted.pathOf(part.id);
    const dims = await attempt(() =>
      naming(located, path, async () => (await openTensor(located.caps, path)).dims),
    );
    if (dims instanceof Error) return dims;
    shapes.push(dims.slice(1));
  }
  return shapes;
}

async function attempt<T>(work: () => Promise<T>): Promise<T | VoxplainError> {
  try {
    return await work();
  } catch (error) {
    if (isVoxplainError(error)) return error;
    throw error;
  }
}
