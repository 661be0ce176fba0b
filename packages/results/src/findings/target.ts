import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { recoverResult } from "@voxplain/core/node";

/**
 * Checks that a folder may get a finding: it is not there, or empty; or it may be replaced and holds an older one.
 * @param record - The file that every finding of the command has: "regions.json", say.
 * @throws VoxplainError `already-exists`.
 */
export function checkTarget(path: string, record: string, overwrite: boolean): void {
  recoverResult(path);
  if (!existsSync(path)) return;
  const isFolder = statSync(path).isDirectory();
  if (isFolder && readdirSync(path).length === 0) return;
  if (!overwrite) {
    throw new VoxplainError("already-exists", "the result exists", {
      file: path,
      hint: "choose another folder, or replace it (--overwrite)",
    });
  }
  if (isFolder && existsSync(join(path, record))) return;
  throw new VoxplainError("already-exists", "it is not an older result, and is not replaced", {
    file: path,
    expected: isFolder ? `a folder with ${record}` : "a folder",
    hint: "choose another folder",
  });
}
