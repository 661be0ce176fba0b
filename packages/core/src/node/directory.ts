import { lstat, open, readdir, readlink, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isVoxplainError } from "../errors.ts";
import type { FileEntry, FilePath, FileSink, FileSource, RangeReader } from "../files.ts";
import { checkRange, joinPath } from "../files.ts";
import { memoryFor } from "../memory-for.ts";
import { hiddenBeside } from "./beside-result.ts";
import { ioFailure } from "./io-failure.ts";
import { makeFolders } from "./make-folders.ts";
import { type DurabilityOptions, syncFiles, syncFolder } from "./sync.ts";

/** A folder of this machine. Paths that would leave it are refused; symbolic links inside it are followed. */
export function directory(root: string): FileSource & FileSink {
  const name = resolve(root);
  const absolute = (path: FilePath) => join(name, joinPath(path));
  return {
    name,
    async list(path) {
      const entries = await present(() => readdir(absolute(path), { withFileTypes: true }), absolute(path));
      if (entries === undefined) return undefined;
      const found: FileEntry[] = [];
      const links: Promise<FileEntry | undefined>[] = [];
      // Without a promise for each entry: datasets have a hundred thousand.
      for (const entry of entries) {
        const { name } = entry;
        if (entry.isSymbolicLink()) links.push(followed(absolute(path), name));
        else if (entry.isDirectory()) found.push({ name, kind: "directory" });
        else if (entry.isFile()) found.push({ name, kind: "file" });
      }
      for (const entry of await Promise.all(links)) if (entry !== undefined) found.push(entry);
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    open: async (path) => openFile(absolute(path)),
    async linkTarget(path) {
      const info = await present(() => lstat(absolute(path)), absolute(path));
      return info?.isSymbolicLink() ? readlink(absolute(path)) : undefined;
    },
    write: async (path, content) => writeFileAtomically(absolute(path), content),
  };
}

/** What a symbolic link leads to; undefined for what is neither a file nor a folder. */
async function followed(folder: string, name: string): Promise<FileEntry | undefined> {
  const target = await stat(join(folder, name)).catch(() => undefined);
  if (target === undefined) return { name, kind: "link" };
  if (target.isDirectory()) return { name, kind: "directory" };
  return target.isFile() ? { name, kind: "file" } : undefined;
}

/**
 * A file read by ranges; `undefined` where there is none. It is opened for each read and closed
 * again, so a cohort of any size holds no file handles.
 */
export async function openFile(path: string): Promise<RangeReader | undefined> {
  const info = await present(() => stat(path), path);
  if (info === undefined || !info.isFile()) return undefined;
  const byteLength = info.size;
  const readInto = async (offset: number, into: Uint8Array) => {
    const { length } = into;
    checkRange(offset, length, byteLength);
    const handle = await open(path).catch(ioFailure("read", path));
    try {
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(into, done, length - done, offset + done);
        if (bytesRead === 0) checkRange(offset, length, offset + done);
        done += bytesRead;
      }
    } finally {
      await handle.close();
    }
  };
  return {
    byteLength,
    async read(offset, length) {
      checkRange(offset, length, byteLength);
      const bytes = new Uint8Array(memoryFor(length, path));
      await readInto(offset, bytes);
      return bytes;
    },
    readInto,
    realPath: () => realpath(path).catch(ioFailure("read", path)),
  };
}

/**
 * Writes under a temporary name beside the file and renames it, so that a half-written file is never visible.
 * @throws VoxplainError `io-failure` naming the file, and what the pieces reject with; nothing is left behind.
 */
export async function writeFileAtomically(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  { fsync = false }: DurabilityOptions = {},
): Promise<void> {
  const temporary = hiddenBeside(path, "incomplete");
  try {
    makeFolders(dirname(path));
    if (content instanceof Uint8Array) await writeFile(temporary, content, { flag: "wx" });
    else await writePieces(temporary, content);
    if (fsync) await syncFiles([temporary]);
    await rename(temporary, path);
    if (fsync) await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    if (isVoxplainError(error)) throw error;
    ioFailure("write", path)(error);
  }
}

/** One by one: the file system of Yarn's Plug'n'Play writes no sequences. */
async function writePieces(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, "wx");
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
  } finally {
    await handle.close();
  }
}

async function present<T>(look: () => Promise<T>, path: string): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return ioFailure("read", path)(error);
  }
}
