import type { CapsImages, FileSource } from "@voxplain/core";
import type { ListedImage } from "../tables/image-list.ts";
import { checkSettings } from "./check-settings.ts";
import { locatedImage } from "./locate-sessions.ts";
import type { LocatedImage } from "./located-image.ts";
import { masksOf } from "./masks-of.ts";
import type { PartSettings } from "./settings.ts";

/** What a network sees of images in files of their own. */
export interface FileLocatorOptions {
  /** What the images are, as in a CAPS; their names do not count. */
  readonly images: CapsImages;
  /** How they are cut into parts; parts are never read from files of their own. */
  readonly settings: PartSettings;
  /** CAPS with the masks of regions, of which the first that has them counts. */
  readonly masks?: readonly FileSource[] | undefined;
}

/**
 * Makes of files, of any format that `readImageFile` reads, what `locateSessions` makes of the images of a CAPS: the same
 * parts, masks, transforms, grid and affine, to the bit. Masks are read with the first image.
 * @returns Takes one image; it rejects as `locateSessions` does for masks. Whatever is wrong with the file itself is the
 * `problem` of its grid.
 * @throws VoxplainError `invalid-argument` or `unsupported` for parts that such images do not have.
 */
export function fileLocator({
  images,
  settings,
  masks = [],
}: FileLocatorOptions): (image: ListedImage) => Promise<LocatedImage> {
  checkSettings(images, settings);
  const regions = masksOf({ images, settings, masks }, new Set());
  return async ({ session, place: { source: caps, below: path } }) => {
    const found = await regions({ caps, use: "cut" });
    return locatedImage({
      ...{ session, caps, images, settings, image: { path, format: "file" }, warnings: [] },
      ...(found && { masks: found }),
    });
  };
}
