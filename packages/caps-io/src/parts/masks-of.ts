import { elementAt, type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import { findMask, type MaskUse, maskPath } from "./find-mask.ts";
import type { LocateOptions } from "./locate-options.ts";
import { type RegionMask, readRegionMasks } from "./region-masks.ts";

/** What is asked of the masks of a session. */
export interface MaskQuery {
  /** The CAPS of the session. */
  readonly caps: FileSource;
  readonly use: MaskUse;
}

/**
 * The masks of regions for the sessions of a CAPS; each CAPS is read once. To place extracted regions, masks that are missing
 * or damaged are undefined.
 * @param sources - The CAPS of all sessions: another cohort's masks are on the same template.
 */
export function masksOf(
  { images, settings, masks: given }: Pick<LocateOptions, "images" | "settings" | "masks">,
  sources: ReadonlySet<FileSource>,
) {
  const list = settings.mode === "roi" ? settings.list : undefined;
  const reading = {
    cut: new Map<FileSource, Promise<readonly RegionMask[] | undefined>>(),
    place: new Map<FileSource, Promise<readonly RegionMask[] | undefined>>(),
  };
  const inOrder = (own: FileSource) =>
    given ?? (images.generation === "1.x" ? [...sources] : [...new Set([own, ...sources])]);
  return async ({ caps: own, use }: MaskQuery): Promise<readonly RegionMask[] | undefined> => {
    if (list === undefined) return undefined;
    for (const caps of inOrder(own)) {
      const masks = reading[use].get(caps) ?? readRegionMasks(caps, images, list, use);
      reading[use].set(caps, masks);
      const found = await masks.catch((error: unknown) => {
        if (use === "place" && isVoxplainError(error)) return undefined;
        throw error;
      });
      if (found) return found;
    }
    if (use === "place") return undefined;
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
  for (const name of list) if ((await findMask(caps, images, name, "cut")) === undefined) return name;
  return elementAt(list, 0);
}
