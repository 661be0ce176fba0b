import { resolve } from "node:path";
import type { Model } from "../model/model.ts";
import { problemList } from "../problems.ts";
import type { CohortPaths, PlacedCohort } from "./cohort-paths.ts";
import { groupAt } from "./group-at.ts";
import { capsAt, fileAt, labelsAt } from "./places.ts";
import { besideTable, checkKind, trainingPath } from "./training-path.ts";

/**
 * Settles where images and labels are: as given, else a list in the model's own folder, else where its training had them.
 * @throws VoxplainError `not-found` for what is not there, `invalid-argument` for a folder where a table
 * of cohorts is needed and the other way round; both paths at once.
 */
export async function cohortAt(model: Model, paths: CohortPaths): Promise<PlacedCohort> {
  const own = await groupAt(model, paths);
  if (own !== undefined) return own;
  const { training, source } = model;
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
