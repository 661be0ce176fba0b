import { fileLocator, type ListedImage, type LocatedImage, looseImage } from "@voxplain/caps-io";
import type { FileSource } from "@voxplain/core";
import { type Model, stepsOf } from "../model/model.ts";

/**
 * Finds what a network takes of images in files of their own.
 * @param masks - CAPS with the masks of regions, for models of regions.
 * @throws VoxplainError as `fileLocator` of caps-io.
 */
export function locatorFor(
  model: Model,
  masks: readonly FileSource[],
): (image: ListedImage) => Promise<LocatedImage> {
  const { input, parts: settings } = model;
  const { dims, channelsLast, preparation } = input;
  if (preparation.kind === "caps") return fileLocator({ images: preparation.images, settings, masks });
  if (settings.mode !== "image" || dims === undefined) {
    throw new RangeError("a network of parts states how they are made");
  }
  const options = { spec: { lengths: dims, channelsLast }, steps: stepsOf(model) };
  return async ({ session, place }) => looseImage(place.source, place.below, session, options);
}
