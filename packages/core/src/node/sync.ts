import { fsync } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ioFailure } from "./io-failure.ts";

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
export async function syncFiles(files: readonly string[]): Promise<void> {
  const left = files.values();
  const worker = async () => {
    for (const file of left) {
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
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    ioFailure("write", folder),
  );
  const paths = (kind: "isFile" | "isDirectory") =>
    entries.filter((entry) => entry[kind]()).map((entry) => join(entry.parentPath, entry.name));
  await syncFiles(paths("isFile"));
  for (const inner of [...paths("isDirectory"), folder]) await syncFolder(inner);
}
