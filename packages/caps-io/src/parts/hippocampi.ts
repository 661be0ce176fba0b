import { VoxplainError } from "@voxplain/core";
import type { Part } from "./part.ts";

const edge = 50;

/** On the grid of t1-linear, whose first axis grows to the right. */
const hippocampi = [
  { label: "right hippocampus", centre: [109, 96, 68] },
  { label: "left hippocampus", centre: [61, 96, 68] },
];

/**
 * The two crops that ClinicaDL makes where no region is named: the right one first.
 * @throws VoxplainError `mismatch` when the image does not reach that far.
 */
export function hippocampusParts(grid: readonly number[]): Part[] {
  return hippocampi.map(({ label, centre }, index) => {
    const start = centre.map((voxel) => voxel - edge / 2);
    if (start.some((voxel, axis) => voxel + edge > (grid[axis] ?? 0))) {
      throw new VoxplainError(
        "mismatch",
        `the ${label} is looked for around voxel ${centre.join(", ")} of the 169×208×179 voxels of t1-linear; the image has ${grid.join("×")}`,
      );
    }
    return { index, id: index, name: `roi-${index}`, label, placement: { start, size: [edge, edge, edge] } };
  });
}
