import { fsync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isVoxplainError } from "../errors.ts";
import { ioFailure } from "./io-failure.ts";
import { below } from "./walk.ts";

const fsyncDescriptor = promisify(fsync);

/** What is in an open file is on the disk when this resolves. Yarn's Plug'n'Play leaves out `FileHandle.sync`. */
export const syncHandle = (handle: FileHandle): Promise<void> => fsyncDescriptor(handle.fd);

/** Whether what is written has to survive a loss of power. */
export interface DurabilityOptions {
  /** Waits until files and the folders that name them are on the disk. */
  readonly fsync?: boolean;
}

/** The names of a folder are on the disk, too. Not every file system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  if (handle === undefined) return;
  await syncHandle(handle).catch(() => {});
  await handle.close();
}

/** What is in files is on the disk when this resolves. @throws VoxplainError `io-failure`. */
export async function syncFiles(files: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const left = eachOf(files);
  const worker = async () => {
    for await (const file of left) {
      const handle = await open(file, "r").catch(ioFailure("write", file));
      try {
        await syncHandle(handle).catch(ioFailure("write", file));
      } finally {
        await handle.close();
      }
    }
  };
  // As many as the thread pool takes.
  await Promise.all([worker(), worker(), worker(), worker()]);
}

/** Every file of a folder and of those in it is on the disk when this resolves. @throws VoxplainError `io-failure`. */
export async function syncTree(folder: string): Promise<void> {
  try {
    await syncFiles(pathsIn(folder, "file"));
    for await (const inner of pathsIn(folder, "directory")) await syncFolder(inner);
  } catch (error) {
    if (isVoxplainError(error)) throw error;
    ioFailure("write", folder)(error);
  }
  await syncFolder(folder);
}

/** One after the other, for several who take from it. */
async function* eachOf(files: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  yield* files;
}

async function* pathsIn(folder: string, wanted: "file" | "directory"): AsyncGenerator<string> {
  for await (const { path, kind } of below(folder)) if (kind === wanted) yield join(folder, path);
}
