import { elementAt, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { findMask, maskPath } from "./find-mask.ts";
import type { LocateOptions } from "./find-session-files.ts";
import { type RegionMask, readRegionMasks } from "./region-masks.ts";

/**
 * The masks of regions for the sessions of a CAPS; each CAPS is read once. Extracted regions can do without.
 * @param sources - The CAPS of all sessions: those of another cohort's masks that lie on the same template.
 */
export function masksOf(
  { images, settings, masks: given }: Pick<LocateOptions, "images" | "settings" | "masks">,
  sources: ReadonlySet<FileSource>,
) {
  const list = settings.mode === "roi" ? settings.list : undefined;
  const reading = new Map<FileSource, Promise<readonly RegionMask[] | undefined>>();
  const inOrder = (own: FileSource) =>
    given ?? (images.generation === "1.x" ? [...sources] : [...new Set([own, ...sources])]);
  return async (own: FileSource, optional: boolean): Promise<readonly RegionMask[] | undefined> => {
    if (list === undefined) return undefined;
    for (const caps of inOrder(own)) {
      const masks = reading.get(caps) ?? readRegionMasks(caps, images, list);
      reading.set(caps, masks);
      const found = await masks.catch((error: unknown) => {
        if (optional && isVoxplainError(error)) return undefined;
        throw error;
      });
      if (found) return found;
    }
    if (optional) return undefined;
    throw await noMask(inOrder(own), { images, list });
  };
}

/** Names the first mask that the first CAPS has not. */
async function noMask(
  sources: readonly FileSource[],
  { images, list }: Pick<LocateOptions, "images"> & { readonly list: readonly string[] },
): Promise<VoxplainError> {
  const [caps] = sources;
  const lacking = caps === undefined ? elementAt(list, 0) : await firstLacking(caps, { images, list });
  const path = maskPath(images, lacking);
  return new VoxplainError(
    "not-found",
    `there is no mask ${caps === undefined ? path : `${caps.name}/${path}`}: it is needed to cut the region out of the images`,
    {
      hint:
        caps === undefined
          ? "a CAPS that has it is needed"
          : path.includes("*")
            ? 'its name must have "_desc-Crop_"'
            : undefined,
    },
  );
}

async function firstLacking(
  caps: FileSource,
  { images, list }: Pick<LocateOptions, "images"> & { readonly list: readonly string[] },
): Promise<string> {
  for (const name of list) if ((await findMask(caps, images, name)) === undefined) return name;
  return elementAt(list, 0);
}
