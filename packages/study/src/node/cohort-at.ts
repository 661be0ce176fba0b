import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import {
  isTable,
  type LabelTable,
  readCohorts,
  readLabels,
  readTrainingLabels,
  readUnlabelled,
  type Session,
} from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { ModelFolder } from "@voxplain/model-loader";
import { capsAt, fileAt, labelsAt } from "@voxplain/study/node";
import type { DataOptions } from "./data-options.ts";

/** The sessions of a diagnosis, and where their images are. */
export interface Cohort {
  /** Of the label list, in its order. */
  readonly columns: readonly string[];
  readonly sessions: readonly Session[];
  readonly capsOf: (session: Session) => FileSource;
  /** What was given, or what the training says: absolute. */
  readonly capsPath: string;
  readonly labelPath: string;
}

/** What does not depend on fold and diagnosis: the paths, and whether they are of several cohorts. */
export interface CohortPlace {
  readonly capsPath: string;
  readonly labelPath: string;
  readonly several: boolean;
  /** The label lists are those of the training: each fold has its own. */
  readonly ofTraining: boolean;
}

/**
 * Settles where images and labels are: as given, else as the training's commandline.json says.
 * `--multi_cohort` speaks of paths that are given; the training's own are as the training took them.
 * @throws VoxplainError `not-found` for what is not there, `invalid-argument` for a folder where a table
 * of cohorts is needed and the other way round.
 */
export function placeCohort(folder: ModelFolder, options: DataOptions): CohortPlace {
  const { caps_dir, tsv_path, model_path } = options;
  const { settings } = folder;
  const given = caps_dir !== undefined || tsv_path !== undefined;
  const several = given ? options.multi_cohort : settings.multiCohort;
  const capsPath =
    caps_dir === undefined
      ? trainingPath("caps_dir", settings.capsDir, model_path, "caps_dir")
      : resolve(caps_dir);
  const labelPath =
    tsv_path === undefined
      ? trainingPath("tsv_path", settings.tsvPath, model_path, "tsv_path")
      : resolve(tsv_path);
  checkKind(capsPath, "caps_dir", several, "cohort and path");
  checkKind(labelPath, "tsv_path", several, "cohort, path and diagnoses");
  return { capsPath, labelPath, several, ofTraining: tsv_path === undefined };
}

/** A table of cohorts is a file; without cohorts a CAPS is a folder (a label list may be either). */
function checkKind(path: string, option: string, several: boolean, columns: string): void {
  if (!existsSync(path)) {
    const what = option === "caps_dir" ? "CAPS folder" : "label list";
    throw new VoxplainError("not-found", `there is no ${what} at ${path} (${option})`);
  }
  const isFile = statSync(path).isFile();
  if (several && !isFile) {
    throw new VoxplainError(
      "invalid-argument",
      `${path} (${option}) is a folder: with several cohorts it has to be a TSV with the columns ${columns}`,
    );
  }
  if (!several && isFile && option === "caps_dir") {
    throw new VoxplainError(
      "invalid-argument",
      `${path} (${option}) is a file: if it is a table of several cohorts, add --multi_cohort`,
    );
  }
}

/**
 * The sessions of a diagnosis; of a fold's training list where no other list was given.
 * @throws VoxplainError as the readers of `caps-io`.
 */
export async function readCohort(
  place: CohortPlace,
  folder: ModelFolder,
  fold: number,
  { diagnosis, baseline }: { readonly diagnosis: string; readonly baseline: boolean },
): Promise<Cohort> {
  const { capsPath, labelPath } = place;
  const training = place.ofTraining ? { splitCount: folder.settings.splitCount, fold } : undefined;
  if (!place.several) {
    const caps = capsAt(capsPath, "caps_dir");
    const { source, below } = labelsAt(labelPath, "tsv_path");
    const query = { diagnosis, baseline };
    const labels: LabelTable = training
      ? await readTrainingLabels(source, below, { ...query, ...training })
      : await readLabels(source, below, query);
    const { columns, sessions } = labels;
    return { columns, sessions, capsOf: () => caps, capsPath, labelPath };
  }
  const beside = (table: string, path: string) => (isAbsolute(path) ? path : nearest(path, dirname(table)));
  const { columns, sessions, capsOf } = await readCohorts(
    {
      caps: fileAt(capsPath, "caps_dir"),
      labels: fileAt(labelPath, "tsv_path"),
      openCaps: (path) => capsAt(beside(capsPath, path), "caps_dir"),
      openLabels: (path) => labelsAt(beside(labelPath, path), "tsv_path"),
    },
    { diagnosis, baseline, ...(training && { training }) },
  );
  return { columns, sessions, capsOf, capsPath, labelPath };
}

/**
 * Every session of the TSV that was given, where it does not tell diagnoses; undefined for other lists.
 * @throws VoxplainError as the readers of `caps-io`.
 */
export async function readUnlabelledCohort(place: CohortPlace): Promise<Cohort | undefined> {
  const { capsPath, labelPath } = place;
  const { source, below } = labelsAt(labelPath, "tsv_path");
  if (place.several || place.ofTraining || !isTable(below)) return undefined;
  const labels = await readUnlabelled(source, below);
  if (labels === undefined) return undefined;
  const caps = capsAt(capsPath, "caps_dir");
  const { columns, sessions } = labels;
  return { columns, sessions, capsOf: () => caps, capsPath, labelPath };
}

/** A relative path in a table is relative to the working directory, or to the table. */
function nearest(path: string, folder: string): string {
  return existsSync(resolve(path)) ? resolve(path) : join(folder, path);
}

/**
 * Where a path of the training's commandline.json is now: relative ones are looked for below the
 * working directory first, then below the model folder.
 */
function trainingPath(key: string, path: string | undefined, modelPath: string, option: string): string {
  if (path === undefined || path === "") {
    throw new VoxplainError(
      "not-found",
      `${join(modelPath, "commandline.json")} does not say which "${key}" was used: give --${option}`,
    );
  }
  const candidates = isAbsolute(path) ? [path] : [resolve(path), resolve(modelPath, path)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new VoxplainError(
    "not-found",
    `the "${key}" of the training is not on this machine (looked for ${candidates.join(" and ")}): give --${option}`,
  );
}
