import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isVoxplainError, readFile, VoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { externalDataFiles } from "@voxplain/onnx-graph";

/** Protobuf's own limit. */
const largestNetwork = 2 ** 31 - 1;

/**
 * Checks that an ONNX file may be written: nothing has its name, or an ONNX file that may be replaced, or an empty file.
 * @returns The files of weights beside it that an ONNX file uses which is replaced.
 * @throws VoxplainError `already-exists`, also for any other file.
 */
export async function weightsOfOlder(path: string, overwrite: boolean): Promise<ReadonlySet<string>> {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return new Set();
  if (!overwrite) throw fileExists(path);
  if (!info.isFile() || info.size > largestNetwork) throw refusal(path);
  if (info.size === 0) return new Set();
  try {
    return externalDataFiles(await readFile(directory(dirname(path)), basename(path)));
  } catch (error) {
    throw isVoxplainError(error, "invalid-file") ? refusal(path) : error;
  }
}

export function fileExists(path: string): VoxplainError {
  return new VoxplainError("already-exists", "the file exists", {
    file: path,
    hint: "choose another name, or replace it (--overwrite)",
  });
}

/** Its name may have been mistyped. */
function refusal(path: string): VoxplainError {
  return new VoxplainError("already-exists", "it is not an ONNX file, and is not replaced", {
    file: path,
    hint: "choose another name, or move it away",
  });
}
