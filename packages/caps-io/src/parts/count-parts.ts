import { hippocampusParts } from "./hippocampi.ts";
import { patchCounts } from "./patches.ts";
import type { PartSettings } from "./settings.ts";
import { sliceParts } from "./slices.ts";

/**
 * How many parts an image is cut into.
 * @param grid - Voxels along each axis.
 * @throws VoxplainError `mismatch` for an image that is too small.
 */
export function countParts(settings: PartSettings, grid: readonly number[]): number {
  switch (settings.mode) {
    case "image":
      return 1;
    case "patch":
      return patchCounts(grid, settings).reduce((product, along) => product * along, 1);
    case "slice":
      return sliceParts(grid, settings).length;
    case "roi":
      return settings.list?.length ?? hippocampusParts(grid).length;
  }
}
