import { countParts, type ImageGrid, partNouns } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { Model } from "../model/model.ts";

/** The grids; those of images that are cut into another number of parts than those of the training have a `problem`. */
export function withTrainedPartCount(
  { parts, partCount }: Model,
  grids: readonly ImageGrid[],
): readonly ImageGrid[] {
  if (parts.mode === "image" || partCount === undefined) return grids;
  const noun = partNouns[parts.mode];
  return grids.map((grid): ImageGrid => {
    if (grid.problem !== undefined || grid.shape?.length !== 3) return grid;
    const count = countParts(parts, grid.shape);
    if (count === partCount) return grid;
    const problem = new VoxplainError(
      "mismatch",
      `the image has another number of ${noun} than those of the training`,
      {
        session: grid.name,
        expected: String(partCount),
        found: `${count}, of ${grid.shape.join(" × ")} voxels`,
      },
    );
    return { ...grid, problem };
  });
}
