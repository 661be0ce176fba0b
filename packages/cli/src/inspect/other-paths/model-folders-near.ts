import { dirname, join } from "node:path";
import type { FileEntry, FileSource } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { shellWord } from "@voxplain/report";
import type { Place } from "@voxplain/study/node";
import { foldersOf } from "./folder-entries.ts";
import type { OtherPath } from "./path-facts.ts";

/** Folders that are looked through, above and below. */
const mostAbove = 6;
const mostBelow = 200;

/** Whether a folder is one that networks were trained into; what is in it is not checked. */
export async function isModelFolder(source: FileSource): Promise<boolean> {
  const entries = (await source.list("")) ?? [];
  const hasOptions = entries.some(
    ({ name, kind }) => kind === "file" && (name === "maps.json" || name === "commandline.json"),
  );
  return (
    hasOptions && entries.some(({ name, kind }) => kind === "directory" && /^(?:fold|split)-\d/.test(name))
  );
}

/** The model folder that a path is in. */
export async function modelFolderAbove(start: string, path: string): Promise<OtherPath | undefined> {
  let folder = start;
  for (let level = 0; level < mostAbove; level++) {
    if (await isModelFolder(directory(folder))) {
      return {
        kind: "model folder above",
        rows: [
          ["path", path],
          ["it is", `a part of the model folder ${folder}`],
        ],
        problems: [],
        commands: [`voxplain inspect ${shellWord(folder)}`],
      };
    }
    const next = dirname(folder);
    if (next === folder) return undefined;
    folder = next;
  }
  return undefined;
}

/** The model folders in a folder. */
export async function modelFoldersBelow(
  { path }: Place,
  entries: readonly FileEntry[],
): Promise<OtherPath | undefined> {
  const found: string[] = [];
  const waiting = foldersOf(entries).map((name) => join(path, name));
  for (let seen = 0; seen < mostBelow && waiting.length > 0; seen++) {
    const folder = waiting.shift() ?? path;
    const source = directory(folder);
    if (await isModelFolder(source)) found.push(folder);
    else if (dirname(folder) === path) {
      const names = foldersOf((await source.list("")) ?? []);
      for (const name of names.slice(0, mostBelow)) waiting.push(join(folder, name));
    }
  }
  if (found.length === 0) return undefined;
  return {
    kind: "model folders below",
    rows: [
      ["path", path],
      [
        "it is",
        `a folder with ${found.length === 1 ? "a model folder" : `${found.length} model folders`} in it`,
      ],
    ],
    problems: [],
    commands: found.slice(0, 10).map((folder) => `voxplain inspect ${shellWord(folder)}`),
  };
}
