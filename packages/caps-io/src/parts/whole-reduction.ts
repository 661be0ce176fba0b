import { type Reduction, reductionOf } from "../transforms/size-reduction.ts";
import type { PartSettings } from "./settings.ts";

/**
 * Which voxels of a whole image the network sees, and its map has; undefined where it sees all of them, or parts.
 * @throws VoxplainError `mismatch` for an image that nothing is left of.
 */
export function wholeReduction(
  settings: PartSettings,
  { dims }: { readonly dims: readonly number[] },
): Reduction | undefined {
  if (settings.mode !== "image" || settings.sizeReduction === undefined) return undefined;
  return reductionOf(dims.slice(1), settings.sizeReduction);
}
