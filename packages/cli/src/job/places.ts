import { existsSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";

/** A file or folder on this machine as the readers take it: a source, and a path below it. */
export interface Place {
  readonly path: string;
  readonly source: FileSource;
  readonly below: FilePath;
}

/** A label list: a folder of TSVs, or one TSV. */
export function labelPlace(path: string): Place {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new VoxplainError("not-found", `there is no label list at ${absolute} (tsv_path)`);
  }
  return statSync(absolute).isFile()
    ? { path: absolute, source: directory(dirname(absolute)), below: basename(absolute) }
    : { path: absolute, source: directory(absolute), below: "" };
}

/** One file, here a NIfTI image. @throws VoxplainError `not-found` naming the option. */
export function filePlace(path: string, option: string): Place {
  const absolute = resolve(path);
  if (!existsSync(absolute) || !statSync(absolute).isFile()) {
    throw new VoxplainError("not-found", `there is no file ${absolute} (${option})`);
  }
  return { path: absolute, source: directory(dirname(absolute)), below: basename(absolute) };
}

/** A CAPS folder. @throws VoxplainError `not-found` when it has no "subjects". */
export function capsFolder(path: string): FileSource {
  const absolute = resolve(path);
  if (!existsSync(absolute))
    throw new VoxplainError("not-found", `there is no CAPS folder at ${absolute} (caps_dir)`);
  if (!existsSync(join(absolute, "subjects"))) {
    throw new VoxplainError(
      "not-found",
      `${absolute} (caps_dir) is no CAPS folder: it has no folder "subjects"`,
    );
  }
  return directory(absolute);
}

/**
 * Where a path of the training's commandline.json is now: relative ones are looked for below the
 * working directory first, then below the model folder.
 */
export function trainingPath(
  key: string,
  path: string | undefined,
  modelPath: string,
  option: string,
): string {
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

/** A model folder. @throws VoxplainError `not-found` when there is none. */
export function modelFolder(path: string): FileSource {
  const absolute = resolve(path);
  if (!existsSync(absolute) || !statSync(absolute).isDirectory()) {
    throw new VoxplainError("not-found", `there is no model folder at ${absolute}`);
  }
  return directory(absolute);
}
