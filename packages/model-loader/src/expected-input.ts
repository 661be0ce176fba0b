import { namedArchitectures } from "./architectures/index.ts";
import type { Preprocessing, TrainingSettings } from "./settings.ts";

/** Whole images of each preprocessing: [C, X, Y, Z] or [C, H, W]. */
const imageDims: Readonly<Record<Preprocessing, readonly number[]>> = {
  "t1-linear": [1, 169, 208, 179],
  "t1-linear-downsampled": [1, 85, 104, 90],
  "t1-extensive": [1, 121, 145, 121],
  "t1-volume": [1, 121, 145, 121],
  shepplogan: [1, 128, 128],
};

/**
 * Dims of one input, [C, X, Y, Z] or [C, H, W]: what the architecture is made for, else what the
 * preprocessing makes. undefined where only the images can tell (crops to the masks of ROIs).
 */
export function expectedInputDims(settings: TrainingSettings): readonly number[] | undefined {
  const { architecture, mode, patch, preprocessing, roi } = settings;
  const known = namedArchitectures.find(({ name }) => name === architecture);
  if (known?.inputDims !== undefined) return known.inputDims;
  switch (mode) {
    case "image":
      return imageDims[preprocessing];
    case "patch":
      return patch && [1, patch.size, patch.size, patch.size];
    case "roi":
      if (roi?.list === undefined) return [1, 50, 50, 50];
      return roi.uncropped ? imageDims[preprocessing] : undefined;
    case "slice":
      return [3, 224, 224];
  }
}
