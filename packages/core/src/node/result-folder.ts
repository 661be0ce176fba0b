import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { VoxplainError } from "../errors.ts";
import type { FileSink } from "../files.ts";
import { cleanBeside, hiddenBeside, isEmptyFolder, recoverResult, removeReplaced } from "./beside-result.ts";
import { directory } from "./directory.ts";
import { ioFailure } from "./io-failure.ts";
import { syncFolder } from "./sync.ts";

/** A result that is being written. It gets its name when it is complete. */
export interface ResultFolder {
  /** Where its files are written. */
  readonly files: FileSink;
  /** Gives the folder its name, in place of an older result where there is one. @throws VoxplainError `io-failure`. */
  publish(): Promise<void>;
  /** Removes everything that was written. */
  discard(): void;
}

/** Checks that nothing has the name of a result, unless it may be replaced. @throws VoxplainError `already-exists`. */
export function refuseExisting(path: string, overwrite: boolean): void {
  recoverResult(path);
  if (!overwrite && existsSync(path) && !isEmptyFolder(path)) {
    throw new VoxplainError("already-exists", "the result exists", {
      file: path,
      hint: "choose another name, or replace it (--overwrite)",
    });
  }
}

/**
 * Starts a result in a hidden folder beside its final place, so that a rename publishes it. A process that emits "exit"
 * before that removes it; what killed processes left beside it is removed first.
 * @throws VoxplainError `io-failure` where the folder cannot be made.
 */
export async function startResult(path: string): Promise<ResultFolder> {
  cleanBeside(path);
  const hidden = hiddenBeside(path, "incomplete");
  const replaced = hiddenBeside(path, "replaced");
  const created: string[] = [];
  // An interrupted run leaves nothing either.
  const takeBack = () => {
    giveBack(path, replaced);
    rmSync(hidden, { recursive: true, force: true });
    removeEmpty(created.filter((folder) => folder !== hidden));
  };
  const discard = () => {
    takeBack();
    process.off("exit", takeBack);
  };
  // Before the first folder is made: a signal may come between two of them.
  process.once("exit", takeBack);
  try {
    makeFolders(hidden, created);
  } catch (error) {
    discard();
    return ioFailure("write", path)(error);
  }
  return {
    files: directory(hidden),
    async publish() {
      await takePlace(hidden, path, { replaced, fsync: false });
      process.off("exit", takeBack);
    },
    discard,
  };
}

/**
 * Gives a folder that was written beside its final place its name, in place of an older result where there is one.
 * @throws VoxplainError `io-failure`; the older result has its name then.
 */
export async function publishFolder(
  hidden: string,
  path: string,
  { fsync }: { readonly fsync: boolean },
): Promise<void> {
  const replaced = hiddenBeside(path, "replaced");
  const takeBack = () => giveBack(path, replaced);
  process.once("exit", takeBack);
  try {
    await takePlace(hidden, path, { replaced, fsync });
  } catch (error) {
    takeBack();
    throw error;
  } finally {
    process.off("exit", takeBack);
  }
}

/** Between the two renames, the older result has lost its name. */
function giveBack(path: string, replaced: string): void {
  if (!existsSync(path) && existsSync(replaced)) renameSync(replaced, path);
  removeReplaced(path, replaced);
}

/** Readers that miss the older result meanwhile may give it its name back: it is moved aside again. */
const mostTries = 5;

async function takePlace(
  hidden: string,
  path: string,
  { replaced, fsync }: { readonly replaced: string; readonly fsync: boolean },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    if (existsSync(path)) await rename(path, replaced).catch(ioFailure("write", path));
    const failure: unknown = await rename(hidden, path).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) break;
    if (tries === mostTries || !isTaken(failure)) ioFailure("write", path)(failure);
  }
  // The new name is on the disk before the older result goes.
  if (fsync) await syncFolder(dirname(path));
  removeReplaced(path, replaced);
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOTEMPTY", "EEXIST"].includes(String(error.code));
}

/**
 * Makes a folder and those above it. Node's own way of doing so never ends where the system refuses a folder as
 * if the one above it were not there, as in /proc.
 * @param made - Gets each folder that was made, the outermost first.
 */
function makeFolders(path: string, made: string[]): void {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) {
    try {
      mkdirSync(folder);
      made.push(folder);
    } catch (error) {
      // Another job may have made it meanwhile.
      if (!existsSync(folder)) throw error;
    }
  }
}

/** Removes the folders that were made for the result and are empty again, the innermost first. */
function removeEmpty(made: readonly string[]): void {
  try {
    for (const folder of made.toReversed()) rmdirSync(folder);
  } catch {
    // Somebody else has put something there: it stays.
  }
}
