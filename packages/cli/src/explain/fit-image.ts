import { type ChannelImage, checkChannels } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";

/** @throws VoxplainError `mismatch` naming the file, both shapes and what helps. */
export function checkFits({ values: { dims } }: ChannelImage, path: string, wanted: readonly number[]): void {
  if (dims.join() === wanted.join()) return;
  checkChannels(dims, path, wanted[0]);
  throw new VoxplainError(
    "mismatch",
    `${path} has the shape [${dims.join(", ")}] after its preprocessing, but the network takes ` +
      `[${wanted.join(", ")}]; --preprocess resize=${wanted.slice(1).join(",")} would make it so`,
  );
}
