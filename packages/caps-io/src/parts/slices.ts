import { elementAt, VoxplainError } from "@voxplain/core";
import type { Part } from "./part.ts";
import type { SliceSettings } from "./settings.ts";

const directions = ["sagittal", "coronal", "axial"] as const;

/**
 * The planes that are left between those discarded at both ends.
 * @throws VoxplainError `mismatch` when none is left.
 */
export function sliceParts(grid: readonly number[], settings: SliceSettings): Part[] {
  const { direction } = settings;
  return planeIds(elementAt(grid, direction), settings).map((id, index) => {
    const start = [0, 0, 0].with(direction, id);
    const size = grid.toSpliced(direction, 1, 1);
    return {
      index,
      id,
      name: `slice-${id}`,
      label: `${directions[direction]} slice ${id}`,
      placement: { start, size, axis: direction },
    };
  });
}

/**
 * The indices of the planes that are left, of `count`, or so many of them as are used.
 * @throws VoxplainError `mismatch` when none is left, or fewer than are used.
 */
export function planeIds(count: number, { discarded, direction, count: used }: SliceSettings): number[] {
  const [first, last] = discarded;
  if (used === undefined && count <= first + last) {
    throw new VoxplainError(
      "mismatch",
      `of ${count} ${directions[direction]} planes ${first} are discarded at the beginning and ${last} at the end: none is left`,
    );
  }
  if (used !== undefined && first + used > count) {
    throw new VoxplainError(
      "mismatch",
      `of ${count} ${directions[direction]} planes ${first} are discarded at the beginning, and ${used} are to be used`,
    );
  }
  return Array.from({ length: used ?? count - first - last }, (_, k) => first + k);
}
