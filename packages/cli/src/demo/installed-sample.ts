import { VoxplainError } from "@voxplain/core";
import type { SamplePaths } from "@voxplain/sample";

/**
 * The files of the sample, an optional package.
 * @throws VoxplainError `not-found` saying how to install it.
 */
export async function installedSample(load = () => import("@voxplain/sample")): Promise<SamplePaths> {
  try {
    return (await load()).sample;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
    throw new VoxplainError("not-found", "the sample is not installed", {
      hint: "get it with: npm install --global @voxplain/sample",
      cause: error,
    });
  }
}
