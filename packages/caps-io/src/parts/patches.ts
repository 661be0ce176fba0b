import { VoxplainError } from "@voxplain/core";
import type { Part } from "./part.ts";
import type { PatchSettings } from "./settings.ts";

/** More would fill the memory before the first is read; strides of one or two voxels lead there. */
const mostPatches = 100_000;

/** Number of patches along each axis. */
export function patchCounts(grid: readonly number[], { size, stride }: PatchSettings): readonly number[] {
  return grid.map((length) => Math.max(0, Math.floor((length - size) / stride) + 1));
}

/**
 * How many patches an image has.
 * @throws VoxplainError `mismatch` when it is smaller than a patch, `unsupported` for too many.
 */
export function patchCount(grid: readonly number[], settings: PatchSettings): number {
  const { size, stride } = settings;
  const count = patchCounts(grid, settings).reduce((product, along) => product * along, 1);
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
  return count;
}

/**
 * The cubes that PyTorch's `unfold(1, size, stride).unfold(2, …).unfold(3, …)` sees, in its order: the
 * last axis fastest. What is left over at the far end of an axis belongs to none.
 * @throws VoxplainError as `patchCount`.
 */
export function patchParts(grid: readonly number[], settings: PatchSettings): Part[] {
  const { size, stride } = settings;
  const [, countY = 0, countZ = 0] = patchCounts(grid, settings);
  return Array.from({ length: patchCount(grid, settings) }, (_, index) => {
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
