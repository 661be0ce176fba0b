import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { VoxplainError } from "@voxplain/core";
import type { TrainingData } from "../model/model.ts";

const columns = { caps_dir: "cohort and path", tsv_path: "cohort, path and diagnoses" } as const;
const nouns = { caps_dir: "CAPS folder", tsv_path: "label list" } as const;

/** A table of cohorts is a file; without cohorts a CAPS is a folder (a label list may be either). */
export function checkKind(path: string, option: keyof typeof nouns, severalCohorts: boolean): void {
  if (!existsSync(path)) {
    throw new VoxplainError("not-found", `there is no ${nouns[option]} at ${path} (${option})`);
  }
  const isFile = statSync(path).isFile();
  if (severalCohorts && !isFile) {
    throw new VoxplainError(
      "invalid-argument",
      `${path} (${option}) is a folder: with several cohorts it has to be a TSV with the columns ${columns[option]}`,
    );
  }
  if (!severalCohorts && isFile && option === "caps_dir") {
    throw new VoxplainError(
      "invalid-argument",
      `${path} (${option}) is a file; if it is a table of several cohorts, say so (--multi_cohort)`,
    );
  }
}

/** A relative path in a table is relative to the working directory, or to the table. */
export function besideTable(table: string, path: string): string {
  if (isAbsolute(path)) return path;
  return existsSync(resolve(path)) ? resolve(path) : join(dirname(table), path);
}

/**
 * Where a path of the training is now: relative ones are looked for below the working directory first, then below the
 * model folder.
 */
export function trainingPath(
  training: TrainingData | undefined,
  modelPath: string,
  option: string,
  path: string | undefined,
): string {
  if (path === undefined || path === "") {
    throw new VoxplainError("not-found", `it does not say which "${option}" was used`, {
      file: training?.file ?? modelPath,
      hint: `give the path (--${option})`,
    });
  }
  const candidates = isAbsolute(path) ? [path] : [resolve(path), resolve(modelPath, path)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new VoxplainError(
    "not-found",
    `the "${option}" of the training is not on this machine (looked for ${candidates.join(" and ")})`,
    { hint: `give the path (--${option})` },
  );
}
