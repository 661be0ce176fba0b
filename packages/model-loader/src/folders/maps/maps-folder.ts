import { type FileEntry, type FileSource, joinPath } from "@voxplain/core";
import type { TrainingSettings } from "../../settings/settings.ts";
import { foldFolders } from "../fold-folders.ts";
import type { Fold, FolderContent, NetworkFiles, Selection } from "../folder-content.ts";
import { numberOf } from "../folder-entries.ts";
import { readDataGroups } from "./data-groups.ts";
import { rebuiltLabelCode } from "./label-code.ts";
import { parseMaps } from "./maps.ts";

const mapsName = "maps.json";
const checkpointName = "model.pth.tar";
/** Beside the weights; the second is the name that folders of 0.2 use. */
const onnxNames = ["model.onnx", "model_best.onnx"] as const;
const bestPrefix = "best-";

/** What a MAPS, the folder of ClinicaDL 1.x, holds. @param json - Its maps.json. */
export async function readMapsFolder(
  source: FileSource,
  entries: readonly FileEntry[],
  json: string,
): Promise<FolderContent> {
  const { settings, oddities } = parseMaps(json, `${source.name}/${mapsName}`);
  const missing = [...oddities];
  if (entries.some(({ name }) => name === "commandline.json")) {
    missing.push(
      `${source.name} holds both ${mapsName} and commandline.json: it is read as a MAPS of ClinicaDL 1.x`,
    );
  }
  // Only folders of 1.0.0 to 1.0.3 are called fold-<i>; there may be logs below split-<i> beside them.
  const word = entries.some(({ name }) => name.startsWith("fold-")) ? "fold" : "split";
  const folds: Fold[] = [];
  for (const { index, name } of foldFolders(source, entries, `${word}-`, missing)) {
    folds.push({ index, name, selections: await readSelections(source, name, settings, missing) });
  }
  for (const index of wantedFolds(settings, word)) {
    if (!folds.some((fold) => fold.index === index)) {
      missing.push(`${word}-${index} is missing: ${mapsName} says that split ${index} was to be trained`);
    }
  }
  const groups = await readDataGroups(source, folds, settings, missing);
  const code = settings.labelCode ?? (await rebuiltLabelCode(source, groups, settings, missing));
  return { settings: { ...settings, labelCode: code }, folds, groups, missing };
}

/** Versions that say "fold" do not record which of them were requested. */
function wantedFolds({ split, splitCount }: TrainingSettings, word: "fold" | "split"): readonly number[] {
  if (split !== undefined) return split;
  return word === "fold" ? [] : Array.from({ length: Math.min(splitCount, mostFolds) }, (_, index) => index);
}

/** Longer lists of what is missing would be no help. */
const mostFolds = 100;

/** In the folder of a fold: one folder for each metric that chose a network, or one network for each part. */
async function readSelections(
  source: FileSource,
  fold: string,
  settings: TrainingSettings,
  missing: string[],
): Promise<Selection[]> {
  const entries = (await source.list(fold)) ?? [];
  const selections: Selection[] = [];
  for (const { name, kind } of entries) {
    if (kind !== "directory" || !name.startsWith(bestPrefix) || name === bestPrefix) continue;
    const path = joinPath(fold, name);
    const files = ((await source.list(path)) ?? []).filter((entry) => entry.kind === "file");
    const found = networksIn(path, new Set(files.map((file) => file.name)), settings);
    if (found === undefined) {
      missing.push(`${path} holds no network (${expectedFile(settings)})`);
      continue;
    }
    selections.push({ name: `best_${name.slice(bestPrefix.length)}`, ...found });
    missing.push(...missingNetworks(path, found, settings));
  }
  if (selections.length === 0) {
    missing.push(
      `${fold} holds no trained network (${fold}/${bestPrefix}<metric>/${expectedFile(settings)})`,
    );
  }
  if (entries.some(({ name, kind }) => kind === "directory" && name === "tmp")) {
    const which = selections.length === 0 ? "" : "; its networks are the best of the epochs before that";
    missing.push(`the training of ${fold} was cut off, or is still going on: there is ${fold}/tmp${which}`);
  }
  return selections.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function expectedFile({ networkType }: TrainingSettings): string {
  return networkType === "multicnn" ? `network-<k>_${checkpointName}` : checkpointName;
}

/** The files of a folder of a metric; where both kinds are there, those of the settings count. */
function networksIn(
  path: string,
  names: ReadonlySet<string>,
  { networkType }: TrainingSettings,
): Omit<Selection, "name"> | undefined {
  const single = filesOf(path, names, "");
  const numbers = [...names].flatMap((name) => {
    const [, digits = ""] = /^network-(\d+)_model(?:_best)?\.(?:pth\.tar|onnx)$/.exec(name) ?? [];
    return numberOf(digits) ?? [];
  });
  const networks = [...new Set(numbers)]
    .sort((a, b) => a - b)
    .flatMap((index): NetworkFiles[] => {
      const files = filesOf(path, names, `network-${index}_`);
      return files === undefined ? [] : [{ index, ...files }];
    });
  const several = networks.length > 0 ? { networks } : undefined;
  return networkType === "multicnn" ? (several ?? single) : (single ?? several);
}

function filesOf(path: string, names: ReadonlySet<string>, prefix: string) {
  const onnx = onnxNames.find((name) => names.has(`${prefix}${name}`));
  const files = {
    ...(names.has(`${prefix}${checkpointName}`) && {
      checkpoint: joinPath(path, `${prefix}${checkpointName}`),
    }),
    ...(onnx !== undefined && { onnx: joinPath(path, `${prefix}${onnx}`) }),
  };
  return Object.keys(files).length > 0 ? files : undefined;
}

/** Which of the networks, one for each part, are missing. */
function missingNetworks(
  path: string,
  { networks }: Omit<Selection, "name">,
  { partCount, networkType }: TrainingSettings,
): string[] {
  if (networks === undefined || networkType !== "multicnn") return [];
  const there = new Set(networks.map(({ index }) => index));
  const count = Math.min(partCount ?? 0, mostNetworks);
  const gone = Array.from({ length: count }, (_, index) => index).filter((index) => !there.has(index));
  if (gone.length === 0) return [];
  const some = gone.slice(0, 10).map((index) => `network-${index}_${checkpointName}`);
  const more = gone.length > some.length ? ` and ${gone.length - some.length} more` : "";
  return [`${path} lacks ${some.join(", ")}${more}: there are ${partCount} parts, with a network for each`];
}

const mostNetworks = 100_000;
