import { resolve } from "node:path";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { DataGroup } from "@voxplain/model-loader";
import type { GroupSessions } from "../cohort/group-lists.ts";
import type { Model } from "../model/model.ts";
import { problemList } from "../problems.ts";
import type { CohortPaths, PlacedCohort } from "./cohort-paths.ts";
import { capsAt, fileAt } from "./places.ts";
import { besideTable, checkKind, trainingPath } from "./training-path.ts";

/** The group whose lists are taken where nothing is said. */
const usual = "train";

/**
 * A data group of the model's own folder: the one that is named, else `train`, where no label lists are given.
 * @returns undefined where label lists are given, or the folder has no lists.
 * @throws VoxplainError `invalid-argument` for a group beside label lists or `baseline`; `not-found` listing the existing groups,
 * and for images that are not there.
 */
export async function groupAt(model: Model, paths: CohortPaths): Promise<PlacedCohort | undefined> {
  const { training, name } = model;
  const groups = training?.groups ?? [];
  const { group: wanted, labels } = paths;
  if (wanted !== undefined && labels !== undefined) {
    throw new VoxplainError(
      "invalid-argument",
      "a data group and label lists exclude each other (--data_group, --tsv_path)",
      {
        hint: "a data group is a list of the model folder itself",
      },
    );
  }
  if (labels !== undefined) return undefined;
  const group = wanted ?? usual;
  const found = groups.filter((one) => one.name === group);
  if (found.length === 0 && wanted === undefined) return undefined;
  if (found.length === 0) throw noGroup(name, group, [...new Set(groups.map((one) => one.name))]);
  if (paths.baseline) throw noBaseline(group);
  const problems = problemList();
  const images = new Map<string, PlacedImages>();
  const lists: GroupSessions[] = [];
  for (const one of found) {
    const placed = await problems.attempt(() => imagesOf(model, paths, one, images));
    if (placed === undefined) continue;
    const list = { source: model.source, below: one.file };
    lists.push({ list, caps: placed.caps, ...(one.fold !== undefined && { fold: one.fold }) });
  }
  problems.throwAny();
  const [first] = images.values();
  if (first === undefined) throw new RangeError("a list has images");
  return {
    source: { group, lists, diagnoses: paths.diagnoses, unlabelled: paths.unlabelled },
    ...{ capsPath: first.path, group, severalCohorts: first.severalCohorts },
  };
}

interface PlacedImages {
  readonly path: string;
  readonly severalCohorts: boolean;
  readonly caps: GroupSessions["caps"];
}

/** The CAPS of a list: the given one, else its own. Lists that share a CAPS share its source. */
function imagesOf(
  { training, source }: Model,
  paths: CohortPaths,
  { capsDirectory, multiCohort }: DataGroup,
  known: Map<string, PlacedImages>,
): PlacedImages {
  const isGiven = paths.caps !== undefined;
  const severalCohorts = isGiven ? (paths.severalCohorts ?? false) : multiCohort;
  const path =
    paths.caps !== undefined
      ? resolve(paths.caps)
      : trainingPath(training, source.name, "caps_dir", capsDirectory);
  const earlier = known.get(path);
  if (earlier !== undefined) return earlier;
  checkKind(path, "caps_dir", severalCohorts);
  const placed = { path, severalCohorts, caps: severalCohorts ? tableAt(path) : capsAt(path, "caps_dir") };
  known.set(path, placed);
  return placed;
}

function tableAt(path: string): GroupSessions["caps"] {
  const openCaps = (one: string): FileSource => capsAt(besideTable(path, one), "caps_dir");
  return { caps: fileAt(path, "caps_dir"), openCaps };
}

function noBaseline(group: string): VoxplainError {
  return new VoxplainError(
    "invalid-argument",
    `first visits are chosen from label lists (--baseline), and the sessions are those of the data group ${group}`,
    { hint: "give the label lists (--tsv_path)" },
  );
}

function noGroup(file: string, group: string, there: readonly string[]): VoxplainError {
  return new VoxplainError("not-found", `there is no data group "${group}" (--data_group)`, {
    file,
    found: there.length === 0 ? "no data groups, which only a MAPS of ClinicaDL 1.x has" : there.join(", "),
  });
}
