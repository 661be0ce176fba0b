import { resolve } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { maskAt, writeLocalization } from "@voxplain/results";
import type { FindingOptions } from "../findings/options.ts";
import { runFinding } from "../findings/run-finding.ts";

/** The options of `voxplain localize`, under the names they have on the command line. */
export interface LocalizeArguments extends FindingOptions {
  readonly sources: readonly string[];
  readonly truth: string;
  readonly tolerance_mm: number;
}

/** `voxplain localize`: how well maps point at a known mask. */
export function localize({ sources, ...options }: LocalizeArguments, command: readonly string[]): Promise<0> {
  const { tolerance_mm: tolerance, values } = options;
  return runFinding({
    ...{ name: "localize", command, sources, options },
    outputPath: () => resolve(options.output_dir ?? "localize"),
    async prepare(set, mask) {
      if (tolerance > 0 && !set.isPlaced) {
        throw new VoxplainError(
          "mismatch",
          "the tolerance is in mm, and the position of the maps is unknown (--tolerance_mm)",
          {
            hint: "give an image on their grid that has the position (--nifti_template_path)",
          },
        );
      }
      const truth = await maskAt(options.truth, "truth", set);
      const inside = truth.filter((value, v) => value !== 0 && mask?.[v] !== 0).length;
      const all = mask === undefined ? truth.length : mask.filter((value) => value !== 0).length;
      if (inside === 0 || inside === all) {
        throw new VoxplainError(
          "mismatch",
          inside === 0
            ? "the truth covers no voxel of the mask"
            : "the truth covers all voxels, so that none is outside",
          { file: resolve(options.truth) },
        );
      }
      return { set, mask, truth };
    },
    async write({ set, mask, truth }, files, { warn, progress }) {
      await writeLocalization(files, set, { truth, tolerance, mask, values, warn, onProgress: progress });
      return {};
    },
  });
}
