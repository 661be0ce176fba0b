import type { PartSettings } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { ModelFolder } from "@voxplain/model-loader";

/** What the network of a model folder sees of an image. */
export function partSettings({ settings, source }: ModelFolder): PartSettings {
  const { mode, patch, roi, slice } = settings;
  if (mode === "image") return { mode };
  if (mode === "patch" && patch) return { mode, ...patch };
  if (mode === "roi" && roi) return { mode, ...roi };
  if (mode === "slice" && slice) return { mode, ...slice };
  throw new VoxplainError(
    "invalid-file",
    `${source.name}/commandline.json says that "mode" is ${mode}, but not how the ${mode}s are made`,
  );
}
