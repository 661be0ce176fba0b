import {
  decodeText,
  type FileEntry,
  type FilePath,
  type FileSource,
  joinPath,
  VoxplainError,
} from "@voxplain/core";
import { parseCommandline } from "./commandline.ts";
import type { TrainingSettings } from "./settings.ts";

/** A folder that ClinicaDL 0.2 trained networks into. */
export interface ModelFolder {
  /** The folder. */
  readonly source: FileSource;
  /** Of the training, from commandline.json. */
  readonly settings: TrainingSettings;
  /** In the order of their numbers; never empty. */
  readonly folds: readonly Fold[];
  /** Sentences: what is missing or odd. */
  readonly missing: readonly string[];
}

/** One fold of the cross-validation. */
export interface Fold {
  /** Its number: of "fold-0" 0. */
  readonly index: number;
  /** The folder: "fold-0". */
  readonly name: string;
  /** The networks that were kept, by the metric that chose them. */
  readonly selections: readonly Selection[];
}

/** The network that was best by some measure during the training of a fold. */
export interface Selection {
  /** "best_loss", "best_balanced_accuracy", … */
  readonly name: string;
  /** Where the weights are, in the folder. */
  readonly checkpoint?: FilePath;
  /** An exported network; it takes precedence. */
  readonly onnx?: FilePath;
  /** Of multi-CNN models: one network per patch, ROI or slice, in the order of their numbers. */
  readonly networks?: readonly NetworkFiles[];
}

/** Where one of several networks is. */
export interface NetworkFiles {
  /** The index of the part that it sees. */
  readonly index: number;
  /** Where the weights are, in the folder. */
  readonly checkpoint?: FilePath;
  /** An exported network; it takes precedence. */
  readonly onnx?: FilePath;
}

const commandlineName = "commandline.json";
const checkpointName = "model_best.pth.tar";
const onnxName = "model_best.onnx";
/** A file of options takes a few kB. */
const largestCommandline = 2 ** 24;

/**
 * Reads what a model folder holds; weights are not touched.
 * @throws VoxplainError `not-found` when it is no model folder, listing what is there; `invalid-file`
 * when its commandline.json cannot be understood.
 */
export async function openModelFolder(source: FileSource): Promise<ModelFolder> {
  const entries = await source.list("");
  if (entries === undefined)
    throw new VoxplainError("not-found", "there is no such folder", { file: source.name });
  const { settings, oddities } = await readCommandline(source, entries);
  const numbered = entries.flatMap((entry) => {
    const index = numberAfter("fold-", entry);
    return index === undefined ? [] : [{ index, name: entry.name }];
  });
  if (numbered.length === 0) {
    throw new VoxplainError("not-found", "the model folder has no trained folds", {
      file: source.name,
      expected: "folders fold-0, fold-1, …",
      found: listing(entries),
    });
  }
  numbered.sort((a, b) => a.index - b.index || (a.name < b.name ? -1 : 1));
  const missing = [...oddities];
  const folds: Fold[] = [];
  for (const { index, name } of numbered) {
    if (folds.at(-1)?.index === index) {
      missing.push(`${name} and ${folds.at(-1)?.name} have the same number; ${name} is left out`);
      continue;
    }
    folds.push({ index, name, selections: await readSelections(source, name, missing) });
  }
  for (const index of settings.split ?? []) {
    if (!folds.some((fold) => fold.index === index)) {
      missing.push(`fold-${index} is missing: ${commandlineName} says that split ${index} was trained`);
    }
  }
  return { source, settings, folds, missing };
}

/**
 * The network of a fold and selection.
 * @throws VoxplainError `not-found` listing what is there.
 */
export function findSelection(folder: ModelFolder, fold: number, selection: string): Selection {
  const found = folder.folds.find(({ index }) => index === fold);
  if (found === undefined) {
    const names = folder.folds.map(({ name }) => name);
    throw new VoxplainError("not-found", `there is no fold-${fold}`, {
      file: folder.source.name,
      found: names.join(", "),
    });
  }
  const match = found.selections.find(({ name }) => name === selection);
  if (match === undefined) {
    const names = found.selections.map(({ name }) => name);
    throw new VoxplainError("not-found", `no network was selected by "${selection}"`, {
      file: `${folder.source.name}/${found.name}`,
      found: names.join(", ") || "none",
    });
  }
  return match;
}

async function readCommandline(source: FileSource, entries: readonly FileEntry[]) {
  const name = `${source.name}/${commandlineName}`;
  const reader = await source.open(commandlineName);
  if (reader === undefined) {
    throw new VoxplainError("not-found", `it is not a model folder: it has no ${commandlineName}`, {
      file: source.name,
      found: listing(entries),
      hint: adviceOn(entries),
    });
  }
  if (reader.byteLength > largestCommandline) {
    throw new VoxplainError("invalid-file", "it is not a file of options", {
      file: name,
      expected: "some kilobytes",
      found: `${reader.byteLength} bytes`,
    });
  }
  return parseCommandline(decodeText(await reader.read(0, reader.byteLength)), name);
}

/** Below fold-<i>/models: one folder per selection, or per network and selection. */
async function readSelections(source: FileSource, fold: string, missing: string[]): Promise<Selection[]> {
  const root = joinPath(fold, "models");
  const entries = (await source.list(root)) ?? [];
  const selections: Selection[] = [];
  const networks = new Map<string, NetworkFiles[]>();
  for (const entry of entries) {
    if (entry.kind !== "directory") continue;
    const path = joinPath(root, entry.name);
    const index = numberAfter("cnn-", entry);
    if (index === undefined) {
      const files = await filesOf(source, path, missing);
      if (files !== undefined) selections.push({ name: entry.name, ...files });
      continue;
    }
    for (const inner of (await source.list(path)) ?? []) {
      if (inner.kind !== "directory") continue;
      const files = await filesOf(source, joinPath(path, inner.name), missing);
      if (files === undefined) continue;
      networks.set(inner.name, [...(networks.get(inner.name) ?? []), { index, ...files }]);
    }
  }
  for (const [name, files] of networks) {
    selections.push({ name, networks: files.sort((a, b) => a.index - b.index) });
  }
  if (selections.length === 0)
    missing.push(`${fold} holds no trained network (${root}/<selection>/${checkpointName})`);
  return selections.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function filesOf(source: FileSource, path: FilePath, missing: string[]) {
  const names = new Set(
    ((await source.list(path)) ?? []).filter(({ kind }) => kind === "file").map(({ name }) => name),
  );
  const files = {
    ...(names.has(checkpointName) && { checkpoint: joinPath(path, checkpointName) }),
    ...(names.has(onnxName) && { onnx: joinPath(path, onnxName) }),
  };
  if (Object.keys(files).length > 0) return files;
  missing.push(`${path} holds neither ${checkpointName} nor ${onnxName}`);
  return undefined;
}

/** The number of a folder "<prefix><number>". */
function numberAfter(prefix: string, { name, kind }: FileEntry): number | undefined {
  const digits = name.slice(prefix.length);
  return kind === "directory" && name.startsWith(prefix) && /^\d{1,9}$/.test(digits)
    ? Number(digits)
    : undefined;
}

function listing(entries: readonly FileEntry[]): string {
  const names = entries.slice(0, 10).map(({ name, kind }) => (kind === "directory" ? `${name}/` : name));
  if (names.length === 0) return "nothing";
  return entries.length > names.length
    ? `${names.join(", ")} and ${entries.length - names.length} more`
    : names.join(", ");
}

/** What a user who opened another folder may have meant. */
function adviceOn(entries: readonly FileEntry[]): string | undefined {
  const names = new Set(entries.map(({ name }) => name));
  if (names.has("maps.json"))
    return "maps.json belongs to ClinicaDL 1.x, whose folders are not supported yet";
  if (names.has("models") || names.has(checkpointName)) return "open the model folder, some folders above";
  return undefined;
}
