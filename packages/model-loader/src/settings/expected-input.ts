import { preparedImages } from "@voxplain/core";
import { namedArchitectures } from "../architectures/index.ts";
import type { TrainingSettings } from "./settings.ts";

/**
 * Dims of one input, [C, X, Y, Z] or [C, H, W]: what is recorded, else what the architecture is made for, else what the
 * preprocessing makes. undefined where they depend on the images (crops to the masks of ROIs).
 */
export function expectedInputDims(settings: TrainingSettings): readonly number[] | undefined {
  const { architecture, images, inputDims, mode, patch, roi } = settings;
  if (inputDims !== undefined) return inputDims;
  const known = namedArchitectures(settings).find(({ name }) => name === architecture);
  if (known?.inputDims !== undefined) return known.inputDims;
  switch (mode) {
    case "image":
      return preparedImages(images).imageDims;
    case "patch":
      return patch && [1, patch.size, patch.size, patch.size];
    case "roi":
      if (roi?.list === undefined) return [1, 50, 50, 50];
      return roi.uncropped ? preparedImages(images).imageDims : undefined;
    case "slice":
      return [3, 224, 224];
  }
}
