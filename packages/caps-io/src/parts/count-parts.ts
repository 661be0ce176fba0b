import { elementAt } from "@voxplain/core";
import { hippocampusParts } from "./hippocampi.ts";
import { patchCount } from "./patches.ts";
import type { PartSettings } from "./settings.ts";
import { planeIds } from "./slices.ts";

/**
 * How many parts an image is cut into.
 * @param grid - Voxels along each axis.
 * @throws VoxplainError `mismatch` for an image that has none.
 */
export function countParts(settings: PartSettings, grid: readonly number[]): number {
  switch (settings.mode) {
    case "image":
      return 1;
    case "patch":
      return patchCount(grid, settings);
    case "slice":
      return planeIds(elementAt(grid, settings.direction), settings).length;
    case "roi":
      return settings.list?.length ?? hippocampusParts(grid).length;
  }
}
