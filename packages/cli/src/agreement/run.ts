import { resolve } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { commonSessions, writeAgreement } from "@voxplain/results";
import type { FindingOptions } from "../findings/options.ts";
import { runFinding } from "../findings/run-finding.ts";

/** The options of `voxplain agreement`, under the names they have on the command line. */
export interface AgreementArguments extends FindingOptions {
  readonly sources: readonly string[];
  readonly top: readonly number[];
}

/** `voxplain agreement`: how far the maps of each session agree between sources. */
export async function agreement(
  { sources, ...options }: AgreementArguments,
  command: readonly string[],
): Promise<0> {
  if (sources.length < 2) {
    throw new VoxplainError("invalid-argument", "agreement is between two sources or more", { found: "1" });
  }
  return runFinding({
    ...{ name: "agreement", command, sources, options },
    outputPath: () => resolve(options.output_dir ?? "agreement"),
    async prepare(set, mask) {
      commonSessions(set);
      return { set, mask };
    },
    async write({ set, mask }, files, { progress }) {
      const { top, values } = options;
      await writeAgreement(files, set, { top, mask, values, onProgress: progress });
      return {};
    },
  });
}
