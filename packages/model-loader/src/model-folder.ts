import { type FilePath, type FileSource, joinPath, readText, VoxplainError } from "@voxplain/core";
import { parseCommandLine, type TrainingSettings } from "./commandline.ts";

/** A folder of ClinicaDL 0.2: commandline.json, and per fold the networks that were kept. */
export interface ModelFolder {
  readonly source: FileSource;
  readonly settings: TrainingSettings;
  readonly folds: readonly Fold[];
  /** Sentences about what should be there and is not. */
  readonly missing: readonly string[];
}

export interface Fold {
  readonly index: number;
  /** "fold-0". */
  readonly name: string;
  readonly selections: readonly Selection[];
}

/** A network that was kept because it was the best by some metric. Paths are below the folder. */
export interface Selection {
  /** "best_loss" or "best_balanced_accuracy". */
  readonly name: string;
  readonly checkpoint?: FilePath;
  /** Takes precedence over the checkpoint. */
  readonly onnx?: FilePath;
}

/**
 * Looks at a model folder, without opening the networks.
 * @throws VoxplainError `not-found` when there is no commandline.json, saying what is there.
 */
export async function openModelFolder(source: FileSource): Promise<ModelFolder> {
  const entries = (await source.list("")) ?? [];
  if (!entries.some(({ name }) => name === "commandline.json")) {
    const found = entries.map(({ name }) => name);
    throw new VoxplainError(
      "not-found",
      `${source.name} is no model folder: it has no commandline.json${listing(found, "; it holds")}`,
    );
  }
  const settings = parseCommandLine(
    await readText(source, "commandline.json"),
    `${source.name}/commandline.json`,
  );
  const folds: Fold[] = [];
  for (const { name, kind } of entries) {
    const index = /^fold-(\d{1,6})$/.exec(name)?.[1];
    if (index === undefined || kind !== "directory") continue;
    folds.push({ index: Number(index), name, selections: await selectionsOf(source, name) });
  }
  folds.sort((a, b) => a.index - b.index);
  return { source, settings, folds, missing: missingFrom(settings, folds) };
}

async function selectionsOf(source: FileSource, fold: string): Promise<Selection[]> {
  const selections: Selection[] = [];
  for (const { name, kind } of (await source.list(joinPath(fold, "models"))) ?? []) {
    if (kind !== "directory") continue;
    const folder = joinPath(fold, "models", name);
    const files = new Set(((await source.list(folder)) ?? []).map((entry) => entry.name));
    const checkpoint = files.has("model_best.pth.tar") && joinPath(folder, "model_best.pth.tar");
    const onnx = files.has("model_best.onnx") && joinPath(folder, "model_best.onnx");
    if (checkpoint || onnx)
      selections.push({ name, ...(checkpoint && { checkpoint }), ...(onnx && { onnx }) });
  }
  return selections;
}

function missingFrom({ networkType }: TrainingSettings, folds: readonly Fold[]): string[] {
  if (folds.length === 0) return ["there is no folder fold-0, fold-1, …"];
  // The networks of a multi-CNN lie one folder deeper, in cnn-<k>.
  if (networkType === "multicnn") return [];
  return folds
    .filter(({ selections }) => selections.length === 0)
    .map(({ name }) => `${name}/models holds no network: no <selection>/model_best.pth.tar`);
}

/** @throws VoxplainError `not-found` listing the folds and selections that are there. */
export function findSelection({ source, folds }: ModelFolder, fold: number, selection: string): Selection {
  const found = folds.find(({ index }) => index === fold);
  if (found === undefined) {
    const there = folds.map(({ name }) => name);
    throw new VoxplainError("not-found", `${source.name} has no fold-${fold}${listing(there, "; it has")}`);
  }
  const network = found.selections.find(({ name }) => name === selection);
  if (network === undefined) {
    const there = found.selections.map(({ name }) => name);
    throw new VoxplainError(
      "not-found",
      `${source.name}/${found.name} has no network for the selection ${selection} ` +
        `(models/${selection}/model_best.pth.tar)${listing(there, "; it has")}`,
    );
  }
  return network;
}

function listing(names: readonly string[], before: string): string {
  if (names.length === 0) return `${before} nothing`;
  const more = names.length > 12 ? `, … (${names.length})` : "";
  return `${before} ${names.slice(0, 12).join(", ")}${more}`;
}
