import { type FilePath, type FileSource, isVoxplainError, joinPath, readText } from "@voxplain/core";
import papa from "papaparse";
import * as v from "valibot";
import { flag, text } from "../../settings/option-values.ts";
import { checkOptions, parseOptions, readOptionsFile } from "../../settings/options-file.ts";
import type { TrainingSettings } from "../../settings/settings.ts";

/** A list of sessions that a MAPS knows by a name, and where their images were. */
export interface DataGroup {
  /** "train", "validation", "test". */
  readonly name: string;
  /** The number of the fold; undefined for a group that every fold shares. */
  readonly fold?: number;
  /** The list of its sessions, in the folder. */
  readonly file: FilePath;
  /** The CAPS, or a table of several, as written. */
  readonly capsDirectory: string | undefined;
  /** Whether capsDirectory is a table of cohorts. */
  readonly multiCohort: boolean;
}

const listName = "data.tsv";
const optionsName = "maps.json";
/** These have a list for each fold. */
const ofTraining: readonly string[] = ["train", "validation"];

const schema = v.object({
  caps_directory: v.nullish(v.union([text, v.literal(false)], "a path, or false")),
  multi_cohort: v.nullish(flag),
});

/**
 * The data groups of a MAPS, by name and fold.
 * @param missing - Gets a sentence for each group that cannot be read.
 */
export async function readDataGroups(
  source: FileSource,
  folds: readonly { readonly index: number; readonly name: string }[],
  settings: TrainingSettings,
  missing: string[],
): Promise<readonly DataGroup[]> {
  const groups: DataGroup[] = [];
  for (const { name, kind } of (await source.list("groups")) ?? []) {
    if (kind !== "directory") continue;
    const places = ofTraining.includes(name)
      ? folds.map((fold) => ({ fold: fold.index, path: joinPath("groups", name, fold.name) }))
      : [{ fold: undefined, path: joinPath("groups", name) }];
    for (const { fold, path: usual } of places) {
      const path = await placeOf(source, usual);
      const file = joinPath(path, listName);
      if ((await source.open(file)) === undefined) {
        missing.push(`${path} holds no ${listName}`);
        continue;
      }
      groups.push({
        ...{ name, file },
        ...(fold !== undefined && { fold }),
        ...(await imagesOf(source, path, settings, missing)),
      });
    }
  }
  return groups;
}

/** Groups of a MAPS with folds are below splits where a later version resumed its training. */
async function placeOf(source: FileSource, path: FilePath): Promise<FilePath> {
  const other = path.replace(/fold-(\d+)$/, "split-$1");
  const isThere = async (folder: FilePath) => (await source.open(joinPath(folder, listName))) !== undefined;
  return !(await isThere(path)) && (await isThere(other)) ? other : path;
}

/** The list of a data group, as pandas wrote it. */
export async function readDataList(
  source: FileSource,
  file: FilePath,
): Promise<{ readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }> {
  const text = await readText(source, file);
  const [columns = [], ...rows] = papa.parse<string[]>(text, { delimiter: "\t", skipEmptyLines: true }).data;
  return { columns, rows };
}

async function imagesOf(
  source: FileSource,
  path: FilePath,
  { capsDir, multiCohort }: TrainingSettings,
  missing: string[],
): Promise<Pick<DataGroup, "capsDirectory" | "multiCohort">> {
  const file = joinPath(path, optionsName);
  try {
    const json = await readOptionsFile(source, file);
    if (json === undefined) return { capsDirectory: capsDir, multiCohort };
    const name = `${source.name}/${file}`;
    const found = checkOptions(schema, parseOptions(json, name), name);
    return {
      capsDirectory: found.caps_directory || capsDir,
      multiCohort: found.multi_cohort ?? multiCohort,
    };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    missing.push(error.message);
    return { capsDirectory: capsDir, multiCohort };
  }
}
