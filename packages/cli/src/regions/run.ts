import { join, resolve } from "node:path";
import { atlasAt, writeRegions } from "@voxplain/results";
import type { FindingOptions } from "../findings/options.ts";
import { runFinding } from "../findings/run-finding.ts";

/** The options of `voxplain regions`, under the names they have on the command line. */
export interface RegionsArguments extends FindingOptions {
  readonly sources: readonly string[];
  readonly atlas: string;
  readonly labels?: string;
}

/** `voxplain regions`: tables of maps in the regions of an atlas. */
export function regions({ sources, ...options }: RegionsArguments, command: readonly string[]): Promise<0> {
  return runFinding({
    ...{ name: "regions", command, sources, options },
    outputPath(set) {
      const [only, ...others] = set.sources;
      const inJob = others.length === 0 && only?.kind === "job" ? only.path : ".";
      return resolve(options.output_dir ?? join(inJob, "regions"));
    },
    prepare: async (set, mask) => ({ set, mask, atlas: await atlasAt(options.atlas, options.labels, set) }),
    async write({ set, mask, atlas }, files, { warn, progress }) {
      await writeRegions(files, set, { atlas, mask, values: options.values, warn, onProgress: progress });
      return {};
    },
  });
}
