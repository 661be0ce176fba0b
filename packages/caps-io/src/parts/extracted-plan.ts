import { elementAt, VoxplainError } from "@voxplain/core";
import { gridOf3d } from "../caps/layout.ts";
import { regionRows } from "./cut.ts";
import type { CapsFiles } from "./located-image.ts";
import type { Part } from "./part.ts";
import { patchCounts, patchParts, unplacedPatch } from "./patches.ts";
import { regionParts, unplacedRegion } from "./region-masks.ts";
import type { PatchSettings, RoiSettings, SliceSettings } from "./settings.ts";
import { sliceParts } from "./slices.ts";

/** The parts of a session that should have files, and their positions. */
export interface ExtractedPlan {
  readonly parts: readonly Part[];
  readonly grid?: readonly number[];
  /** The shape that a part's file must have behind its channels, where that is known. */
  readonly dimsOf: (part: Part) => readonly number[] | undefined;
  readonly warnings: readonly string[];
}

/**
 * Settles how many extracted parts there are: from the image's size where it is known, else from that
 * of the preprocessing's images where it explains the files, else from the files alone; then their
 * positions are unknown.
 * @param ids - Numbers of the files that were found, ascending.
 * @param firstDims - Shape of the first of them.
 */
export function planExtracted(
  located: CapsFiles,
  ids: readonly number[],
  firstDims: readonly number[],
  imageGrid: readonly number[] | undefined,
): ExtractedPlan {
  const { settings } = located;
  if (settings.mode === "patch") return planPatches(located, settings, ids, imageGrid);
  if (settings.mode === "slice") return planSlices(located, settings, ids, firstDims, imageGrid);
  if (settings.mode === "roi") return planRegions(located, settings, imageGrid);
  throw new RangeError("a whole image is not extracted");
}

function planPatches(
  { images }: CapsFiles,
  settings: PatchSettings,
  ids: readonly number[],
  imageGrid: readonly number[] | undefined,
): ExtractedPlan {
  const { size } = settings;
  const dimsOf = () => [size, size, size];
  const count = elementAt(ids, ids.length - 1) + 1;
  const standard = gridOf3d(images);
  if (imageGrid) return { parts: patchParts(imageGrid, settings), grid: imageGrid, dimsOf, warnings: [] };
  const standardCount = patchCounts(standard ?? [], settings).reduce((product, along) => product * along, 1);
  if (standard && standardCount === count) {
    return { parts: patchParts(standard, settings), grid: standard, dimsOf, warnings: [] };
  }
  const missing = ids.findIndex((id, k) => id !== k);
  if (missing >= 0) {
    throw new VoxplainError(
      "invalid-file",
      `the extracted patches go up to number ${count - 1}, but patch ${missing} is missing`,
    );
  }
  return {
    parts: Array.from({ length: count }, (_, index) => unplacedPatch(index)),
    dimsOf,
    warnings: [
      `there are ${count} extracted patches, where an image of ${images.preprocessing} has ${standardCount}, and no image: their positions are not known`,
    ],
  };
}

function planSlices(
  { images }: CapsFiles,
  settings: SliceSettings,
  ids: readonly number[],
  firstDims: readonly number[],
  imageGrid: readonly number[] | undefined,
): ExtractedPlan {
  const { direction } = settings;
  const plane = firstDims.slice(1);
  const standard = gridOf3d(images);
  const isStandard = standard?.toSpliced(direction, 1).join() === plane.join();
  const count = planesOf(ids, settings, images);
  const all = count === undefined ? undefined : plane.toSpliced(direction, 0, count);
  const grid = imageGrid ?? (isStandard ? standard : all);
  if (grid && plane.length === 2) {
    const parts = sliceParts(grid, settings);
    return { parts, grid, dimsOf: () => grid.toSpliced(direction, 1), warnings: [] };
  }
  throw new VoxplainError(
    "invalid-file",
    `found the extracted slices ${ids[0]} to ${ids.at(-1)}, ${ids.length} of them, of ${plane.join("×")} voxels; ` +
      "the number of planes of the image does not follow from them, and the image is missing",
  );
}

/** Extraction of 0.2 writes every plane, also those that are discarded later; that of 1.x those that are left. */
function planesOf(
  ids: readonly number[],
  { discarded }: SliceSettings,
  { generation }: CapsFiles["images"],
): number | undefined {
  const [first, behind] = generation === "1.x" ? discarded : [0, 0];
  const isWhole = ids[0] === first && elementAt(ids, ids.length - 1) - first === ids.length - 1;
  return isWhole ? first + ids.length + behind : undefined;
}

function planRegions(
  { masks }: CapsFiles,
  settings: RoiSettings,
  imageGrid: readonly number[] | undefined,
): ExtractedPlan {
  const [first] = masks ?? [];
  const unplaced = (reason: string): ExtractedPlan => ({
    parts: (settings.list ?? []).map((name, index) => unplacedRegion(index, name)),
    ...(imageGrid && { grid: imageGrid }),
    dimsOf: () => undefined,
    warnings: [`${reason}: their positions are not known`],
  });
  if (masks === undefined || first === undefined)
    return unplaced("the CAPS has no masks of the extracted regions");
  const other = imageGrid && masks.find(({ grid }) => grid.join() !== imageGrid.join());
  if (other !== undefined) {
    return unplaced(
      `the image has ${imageGrid?.join("×")} voxels, the mask ${other.file} ${other.grid.join("×")}`,
    );
  }
  return {
    parts: regionParts(masks),
    grid: first.grid,
    dimsOf: ({ index }) =>
      regionRows(elementAt(masks, index), settings.uncropped).map(({ length }) => length),
    warnings: [],
  };
}
