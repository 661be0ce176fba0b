import { type FileEntry, type FileSource, VoxplainError } from "@voxplain/core";
import { readOptionsFile } from "../settings/options-file.ts";
import { readCommandlineFolder } from "./clinicadl-0/commandline-folder.ts";
import type { ModelFolder, Selection } from "./folder-content.ts";
import { listing } from "./folder-entries.ts";
import { readMapsFolder } from "./maps/maps-folder.ts";
import { programOf } from "./program.ts";

/**
 * Reads what a model folder holds; weights are not touched. A folder with a maps.json is a MAPS.
 * @throws VoxplainError `not-found` when it is no model folder, listing what is there; `invalid-file`
 * when its commandline.json or maps.json cannot be understood.
 */
export async function openModelFolder(source: FileSource): Promise<ModelFolder> {
  const entries = await source.list("");
  if (entries === undefined)
    throw new VoxplainError("not-found", "there is no such folder", { file: source.name });
  const maps = await optionsIn(source, entries, "maps.json");
  if (maps !== undefined) {
    const content = await readMapsFolder(source, entries, maps);
    return { source, program: await programOf(source, "1.x"), ...content };
  }
  const commandline = await optionsIn(source, entries, "commandline.json");
  if (commandline === undefined) {
    throw new VoxplainError(
      "not-found",
      "it is not a model folder: it has neither commandline.json nor maps.json",
      {
        file: source.name,
        found: listing(entries),
        hint: adviceOn(entries),
      },
    );
  }
  const content = await readCommandlineFolder(source, entries, commandline);
  return { source, program: await programOf(source, "0.2"), ...content };
}

/**
 * The network of a fold and selection.
 * @param selection - As {@link Selection.name}, or as ClinicaDL 1.x names its folder or the metric: "best-loss", "loss".
 * "BA" and "balanced_accuracy" are the same metric.
 * @throws VoxplainError `not-found` listing what is there.
 */
export function findSelection(folder: ModelFolder, fold: number, selection: string): Selection {
  const found = folder.folds.find(({ index }) => index === fold);
  if (found === undefined) {
    const names = folder.folds.map(({ name }) => name);
    const word = names[0]?.startsWith("split-") ? "split" : "fold";
    throw new VoxplainError("not-found", `there is no ${word}-${fold}`, {
      file: folder.source.name,
      found: names.join(", "),
    });
  }
  const match =
    found.selections.find(({ name }) => name === selection) ??
    found.selections.find(({ name }) => metricOf(name) === metricOf(selection));
  if (match === undefined) {
    const names = found.selections.map(({ name }) => name);
    throw new VoxplainError("not-found", `no network was selected by "${selection}"`, {
      file: `${folder.source.name}/${found.name}`,
      found: names.join(", ") || "none",
    });
  }
  return match;
}

/**
 * The default selection: by the balanced accuracy; where no fold has that, the only existing one, else by the
 * loss.
 */
export function defaultSelection({ folds }: ModelFolder): string {
  const names = [...new Set(folds.flatMap(({ selections }) => selections.map(({ name }) => name)))];
  const byAccuracy = names.find((name) => metricOf(name) === balancedAccuracy);
  const [only = "best_loss", ...others] = names;
  return byAccuracy ?? (others.length === 0 ? only : "best_loss");
}

const balancedAccuracy = "balanced_accuracy";

/** The metric that a selection is named after. */
function metricOf(selection: string): string {
  const metric = selection.replace(/^best[_-]/, "");
  return metric === "BA" ? balancedAccuracy : metric;
}

/** A file of options at the top of a folder. */
async function optionsIn(source: FileSource, entries: readonly FileEntry[], name: string) {
  const isFolder = entries.some((entry) => entry.name === name && entry.kind === "directory");
  return isFolder ? undefined : readOptionsFile(source, name);
}

/** What a user who opened another folder may have meant. */
function adviceOn(entries: readonly FileEntry[]): string | undefined {
  const names = new Set(entries.map(({ name }) => name));
  const isInside = ["models", "model_best.pth.tar", "model.pth.tar", "data.tsv"].some((name) =>
    names.has(name),
  );
  if (isInside || entries.some(({ name }) => name.startsWith("best-"))) {
    return "open the model folder, some folders above";
  }
  return undefined;
}
