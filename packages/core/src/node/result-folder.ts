import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { VoxplainError } from "../errors.ts";
import type { FileSink } from "../files.ts";
import { directory } from "./directory.ts";
import { ioFailure } from "./io-failure.ts";

/** A result that is being written: nobody sees it under its name before it is complete. */
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
  if (!overwrite && existsSync(path) && !isEmptyFolder(path)) {
    throw new VoxplainError("already-exists", "the result exists", {
      file: path,
      hint: "choose another name, or replace it (--overwrite)",
    });
  }
}

/** Workflow engines make the folder of a result before the command runs. */
function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/**
 * Starts a result in a hidden folder beside its final place, so that a rename publishes it. A process that emits "exit"
 * before that removes it.
 * @throws VoxplainError `io-failure` where the folder cannot be made.
 */
export async function startResult(path: string): Promise<ResultFolder> {
  const suffix = randomBytes(4).toString("hex");
  const hidden = join(dirname(path), `.${basename(path)}.incomplete-${suffix}`);
  const replaced = join(dirname(path), `.${basename(path)}.replaced-${suffix}`);
  const created: string[] = [];
  // An interrupted run leaves nothing either.
  const takeBack = () => {
    // Between the two renames, the older result has lost its name.
    if (!existsSync(path) && existsSync(replaced)) renameSync(replaced, path);
    rmSync(replaced, { recursive: true, force: true });
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
      await takePlace(hidden, path, replaced);
      process.off("exit", takeBack);
    },
    discard,
  };
}

/**
 * Gives a folder that was written beside its final place its name, in place of an older result where there is one.
 * @throws VoxplainError `io-failure`; the older result has its name then.
 */
export async function publishFolder(hidden: string, path: string): Promise<void> {
  const replaced = join(dirname(path), `.${basename(path)}.replaced-${randomBytes(4).toString("hex")}`);
  const takeBack = () => {
    if (!existsSync(path) && existsSync(replaced)) renameSync(replaced, path);
    rmSync(replaced, { recursive: true, force: true });
  };
  process.once("exit", takeBack);
  try {
    await takePlace(hidden, path, replaced);
  } catch (error) {
    takeBack();
    throw error;
  } finally {
    process.off("exit", takeBack);
  }
}

async function takePlace(hidden: string, path: string, replaced: string): Promise<void> {
  const older = existsSync(path);
  if (older) await rename(path, replaced).catch(ioFailure("write", path));
  await rename(hidden, path).catch(ioFailure("write", path));
  if (older) await rm(replaced, { recursive: true, force: true });
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
