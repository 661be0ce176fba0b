import type { PartSettings } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { ModelFolder } from "@voxplain/model-loader";

/** What the network of a model folder sees of an image. */
export function partSettings({ settings, source }: ModelFolder): PartSettings {
  const { mode, patch, roi, slice, sizeReduction } = settings;
  const reduced = sizeReduction === undefined ? {} : { sizeReduction };
  if (mode === "image") return { mode, ...reduced };
  if (mode === "patch" && patch) return { mode, ...patch, ...reduced };
  if (mode === "roi" && roi) return { mode, ...roi, ...reduced };
  if (mode === "slice" && slice) return { mode, ...slice };
  throw new VoxplainError(
    "invalid-file",
    `the training's options say that "mode" is ${mode}, but not how the parts are made`,
    { file: source.name },
  );
}
