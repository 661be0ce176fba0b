import { existsSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { VoxplainError } from "../errors.ts";
import type { FileSink } from "../files.ts";
import {
  cleanBeside,
  hiddenBeside,
  isEmptyFolder,
  recoverResult,
  removeReplaced,
  tryTo,
} from "./beside-result.ts";
import { directory } from "./directory.ts";
import { exchangeFolders } from "./exchange-folders.ts";
import { ioFailure } from "./io-failure.ts";
import { makeFolders } from "./make-folders.ts";
import { type DurabilityOptions, syncFolder, syncTree } from "./sync.ts";

/** A result that is being written. It gets its name when it is complete. */
export interface ResultFolder {
  /** Where its files are written. */
  readonly files: FileSink;
  /** Gives the folder its name, in place of an older result where there is one. @throws VoxplainError `io-failure`. */
  publish(): Promise<void>;
  /** Removes everything that was written. */
  discard(): void;
}

/**
 * Checks that nothing has the name of a result, unless it may be replaced. An empty folder is no result.
 * @param records - For a folder: files of which an older result has at least one. Any other folder is left alone.
 * @throws VoxplainError `already-exists`.
 */
export function refuseExisting(path: string, overwrite: boolean, records?: readonly string[]): void {
  recoverResult(path);
  if (!existsSync(path) || isEmptyFolder(path)) return;
  if (!overwrite) {
    throw new VoxplainError("already-exists", "the result exists", {
      file: path,
      hint: "choose another name, or replace it (--overwrite)",
    });
  }
  if (records === undefined || records.some((record) => existsSync(join(path, record)))) return;
  throw new VoxplainError("already-exists", "it is not an older result, and is not replaced", {
    file: path,
    expected: `a folder with ${records.join(" or ")}`,
    hint: "choose another name, or move it away",
  });
}

/**
 * Starts a result in a hidden folder beside its final place, so that a rename publishes it. A process that emits "exit"
 * before that removes it; what killed processes left beside it is removed first.
 * @throws VoxplainError `io-failure` where the folder cannot be made.
 */
export async function startResult(
  path: string,
  { fsync = true }: DurabilityOptions = {},
): Promise<ResultFolder> {
  cleanBeside(path);
  const hidden = hiddenBeside(path, "incomplete");
  const created: string[] = [];
  // An interrupted run leaves nothing either.
  const takeBack = () => {
    // A disk that became read-only keeps it: the next start removes it.
    tryTo(() => rmSync(hidden, { recursive: true, force: true }));
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
      if (fsync) await syncTree(hidden);
      await publishFolder(hidden, path, { fsync });
      process.off("exit", takeBack);
    },
    discard,
  };
}

/**
 * Gives a folder that was written beside its final place its name, in place of an older result where there is one. The two change places
 * in one step where the system can do that; otherwise the older one has no name for a moment, and is given it back by the next
 * command that looks for it (`recoverResult`) if the process is killed then.
 * @throws VoxplainError `io-failure`; the older result has its name then.
 */
export async function publishFolder(
  hidden: string,
  path: string,
  { fsync }: { readonly fsync: boolean },
): Promise<void> {
  const older = takePlace(hidden, path);
  // The new name is on the disk before the older result goes.
  if (fsync) await syncFolder(dirname(path));
  if (older !== undefined) removeReplaced(path, older);
}

/** Readers that miss the older result meanwhile may give it its name back: it is moved aside again, in some millionths of a second. */
const mostTries = 100;

/** @returns Where the older result is now. */
function takePlace(hidden: string, path: string): string | undefined {
  const replaced = hiddenBeside(path, "replaced");
  for (let tries = 1; ; tries++) {
    try {
      if (!existsSync(path) || isEmptyFolder(path)) {
        renameSync(hidden, path);
        return existsSync(replaced) ? replaced : undefined;
      }
      if (exchangeFolders(hidden, path)) return hidden;
      // One after the other, in this thread: no signal is heard between them.
      renameSync(path, replaced);
      renameSync(hidden, path);
      return replaced;
    } catch (error) {
      if (tries < mostTries && isTaken(error)) continue;
      if (!existsSync(path) && existsSync(replaced)) tryTo(() => renameSync(replaced, path));
      return ioFailure("write", path)(error);
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOTEMPTY", "EEXIST"].includes(String(error.code));
}

/** Removes the folders that were made for the result and are empty again, the innermost first. */
function removeEmpty(made: readonly string[]): void {
  try {
    for (const folder of made.toReversed()) rmdirSync(folder);
  } catch {
    // Somebody else has put something there: it stays.
  }
}
