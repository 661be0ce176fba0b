import { type ImageGrid, partNouns } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { Model } from "../model/model.ts";

/**
 * The grids of images that are cut into parts; those whose parts have another size than those of most images have a `problem`. A network
 * is opened for one size of parts, and no image that is read first decides which. Patches have the size of the settings, and regions that
 * of their masks: slices follow the image, and extracted regions without masks their files.
 */
export function withOnePartSize({ parts }: Model, grids: readonly ImageGrid[]): readonly ImageGrid[] {
  const sizeOf = ({ shape, partShapes, problem }: ImageGrid): string | undefined => {
    if (problem !== undefined) return undefined;
    if (partShapes !== undefined) return partShapes.map((one) => one.join("×")).join(", ");
    const isOwn = parts.mode === "slice" && !parts.resized && shape?.length === 3;
    return isOwn ? shape.toSpliced(parts.direction, 1).join("×") : undefined;
  };
  if (parts.mode === "image" || parts.mode === "patch") return grids;
  const usual = mostCommon(grids.flatMap((grid) => sizeOf(grid) ?? []));
  if (usual === undefined) return grids;
  const noun = partNouns[parts.mode];
  return grids.map((grid): ImageGrid => {
    const size = sizeOf(grid);
    if (size === undefined || size === usual) return grid;
    const problem = new VoxplainError("mismatch", `its ${noun} have another size than those of most images`, {
      ...{ session: grid.name, expected: `${usual} voxels`, found: size },
      hint: "a network sees parts of one size: explain the others in a job of their own",
    });
    return { ...grid, problem };
  });
}

/** The first among equally common ones. */
function mostCommon(sizes: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0];
}
