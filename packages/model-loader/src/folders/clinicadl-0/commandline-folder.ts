import { type FileEntry, type FilePath, type FileSource, joinPath } from "@voxplain/core";
import { foldFolders } from "../fold-folders.ts";
import type { FolderContent, NetworkFiles, Selection } from "../folder-content.ts";
import { numberAfter } from "../folder-entries.ts";
import { parseCommandline } from "./commandline.ts";

const commandlineName = "commandline.json";
const checkpointName = "model_best.pth.tar";
const onnxName = "model_best.onnx";

/** What a folder of ClinicaDL 0.2 holds. @param json - Its commandline.json. */
export async function readCommandlineFolder(
  source: FileSource,
  entries: readonly FileEntry[],
  json: string,
): Promise<FolderContent> {
  const { settings, oddities } = parseCommandline(json, `${source.name}/${commandlineName}`);
  const missing = [...oddities];
  const folds = [];
  for (const { index, name } of foldFolders(source, entries, "fold-", missing)) {
    folds.push({ index, name, selections: await readSelections(source, name, missing) });
  }
  for (const index of settings.split ?? []) {
    if (!folds.some((fold) => fold.index === index)) {
      missing.push(`fold-${index} is missing: ${commandlineName} says that split ${index} was trained`);
    }
  }
  return { settings, folds, groups: [], missing };
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
