import { VoxplainError } from "@voxplain/core";
import type { Part } from "./part.ts";
import type { PatchSettings } from "./settings.ts";

/** More would fill the memory before the first is read; strides of one or two voxels lead there. */
const mostPatches = 100_000;

/** How many patches lie along each axis. */
export function patchCounts(grid: readonly number[], { size, stride }: PatchSettings): readonly number[] {
  return grid.map((length) => Math.max(0, Math.floor((length - size) / stride) + 1));
}

/**
 * The cubes that PyTorch's `unfold(1, size, stride).unfold(2, …).unfold(3, …)` sees, in its order: the
 * last axis fastest. What is left over at the far end of an axis belongs to none.
 * @throws VoxplainError `mismatch` when the image is smaller than a patch, `unsupported` for too many.
 */
export function patchParts(grid: readonly number[], settings: PatchSettings): Part[] {
  const { size, stride } = settings;
  const [countX = 0, countY = 0, countZ = 0] = patchCounts(grid, settings);
  const count = countX * countY * countZ;
  if (count === 0) {
    throw new VoxplainError(
      "mismatch",
      `an image of ${grid.join("×")} voxels has no patch of ${size}×${size}×${size}`,
    );
  }
  if (count > mostPatches) {
    throw new VoxplainError(
      "unsupported",
      `an image of ${grid.join("×")} voxels has ${count} patches of size ${size} and stride ${stride}; at most ${mostPatches} are possible`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const x = Math.floor(index / (countY * countZ));
    const y = Math.floor(index / countZ) % countY;
    const z = index % countZ;
    const placement = { start: [x * stride, y * stride, z * stride], size: [size, size, size] };
    return { ...unplacedPatch(index), placement };
  });
}

export function unplacedPatch(index: number): Part {
  return { index, id: index, name: `patch-${index}`, label: `patch ${index}` };
}
