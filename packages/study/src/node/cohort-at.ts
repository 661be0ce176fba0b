import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { VoxplainError } from "@voxplain/core";
import type { CohortSource, ListedSessions } from "../cohort/open-cohort.ts";
import type { Model, TrainingData } from "../model/model.ts";
import { problemList } from "../problems.ts";
import { capsAt, fileAt, labelsAt } from "./places.ts";

/** Where images and labels are, as a user gives them. */
export interface CohortPaths extends Omit<ListedSessions, "splitCount"> {
  /** The CAPS folder, or a table of several; default: that of the training. */
  readonly caps?: string | undefined;
  /** The folder of label lists, one table, or a table of several cohorts; default: the lists of the training. */
  readonly labels?: string | undefined;
  /** Whether the given paths are tables of several cohorts. Default: false; the training's own are as it took them. */
  readonly severalCohorts?: boolean | undefined;
  /** Whether a single table without a column "diagnosis" will do. Default: false. */
  readonly unlabelled?: boolean | undefined;
}

/** A cohort whose paths are settled. */
export interface PlacedCohort {
  /** For `openCohort`. */
  readonly source: CohortSource;
  /** Absolute. */
  readonly capsPath: string;
  /** Absolute. */
  readonly labelPath: string;
  /** Whether they are tables of several cohorts. */
  readonly severalCohorts: boolean;
}

/**
 * Settles where images and labels are: as given, else where the model's training had them.
 * @throws VoxplainError `not-found` for what is not there, `invalid-argument` for a folder where a table
 * of cohorts is needed and the other way round; both paths at once.
 */
export async function cohortAt({ training, source }: Model, paths: CohortPaths): Promise<PlacedCohort> {
  const { diagnoses, baseline, unlabelled } = paths;
  const given = paths.caps !== undefined || paths.labels !== undefined;
  const severalCohorts = (given ? paths.severalCohorts : training?.severalCohorts) ?? false;
  const problems = problemList();
  const settle = (option: "caps_dir" | "tsv_path", path: string | undefined, of: string | undefined) =>
    problems.attempt(() => {
      const settled = path === undefined ? trainingPath(training, source.name, option, of) : resolve(path);
      checkKind(settled, option, severalCohorts);
      return settled;
    });
  const capsPath = await settle("caps_dir", paths.caps, training?.caps);
  const labelPath = await settle("tsv_path", paths.labels, training?.labels);
  problems.throwAny();
  if (capsPath === undefined || labelPath === undefined) throw new RangeError("a problem was thrown");
  const splitCount = paths.labels === undefined ? training?.splitCount : undefined;
  const listed = { diagnoses, baseline, splitCount };
  const settled = { capsPath, labelPath, severalCohorts };
  if (!severalCohorts) {
    const caps = capsAt(capsPath, "caps_dir");
    return { ...settled, source: { ...listed, caps, labels: labelsAt(labelPath, "tsv_path"), unlabelled } };
  }
  const tables = {
    caps: fileAt(capsPath, "caps_dir"),
    labels: fileAt(labelPath, "tsv_path"),
    openCaps: (path: string) => capsAt(besideTable(capsPath, path), "caps_dir"),
    openLabels: (path: string) => labelsAt(besideTable(labelPath, path), "tsv_path"),
  };
  return { ...settled, source: { ...listed, tables } };
}

const columns = { caps_dir: "cohort and path", tsv_path: "cohort, path and diagnoses" } as const;
const nouns = { caps_dir: "CAPS folder", tsv_path: "label list" } as const;

/** A table of cohorts is a file; without cohorts a CAPS is a folder (a label list may be either). */
function checkKind(path: string, option: keyof typeof nouns, severalCohorts: boolean): void {
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
function besideTable(table: string, path: string): string {
  if (isAbsolute(path)) return path;
  return existsSync(resolve(path)) ? resolve(path) : join(dirname(table), path);
}

/**
 * Where a path of the training is now: relative ones are looked for below the working directory first, then below the
 * model folder.
 */
function trainingPath(
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
