import {
  blobReader,
  type FilePath,
  type FileSource,
  joinPath,
  type RangeReader,
  VoxplainError,
} from "@voxplain/core";
import { fileTree } from "@voxplain/core/web";
import type { FileEntry } from "@zip.js/zip.js";

/**
 * Files that were given, with what is in the .zip files among them. Where there is one .zip and nothing else, it is the root; each
 * of several is a folder of its name. Contents are unpacked when they are read.
 * @throws VoxplainError `invalid-file` naming a .zip that cannot be read.
 */
export async function withZipsUnpacked(files: FileSource): Promise<FileSource> {
  const entries = (await files.list("")) ?? [];
  const zips = entries.filter(({ name, kind }) => kind === "file" && /\.zip$/i.test(name));
  if (zips.length === 0) return files;
  const found = await Promise.all(zips.map(({ name }) => unpacked(files, name)));
  const [only] = found;
  if (only !== undefined && entries.length === 1) return only;
  const folders = new Map(found.map((source) => [source.name, source]));
  const names = new Set(zips.map(({ name }) => name));
  return {
    name: files.name,
    async list(path) {
      const [folder, rest] = split(path);
      const inside = folders.get(folder);
      if (inside !== undefined) return inside.list(rest);
      const listed = await files.list(path);
      if (path !== "" || listed === undefined) return listed;
      const others = listed.filter(({ name }) => !names.has(name));
      return [...others, ...[...folders.keys()].map((name) => ({ name, kind: "directory" as const }))];
    },
    async open(path) {
      const [folder, rest] = split(path);
      return (folders.get(folder) ?? files).open(folders.has(folder) ? rest : path);
    },
  };
}

function split(path: FilePath): readonly [folder: string, rest: FilePath] {
  const [folder = "", ...rest] = path.split("/");
  return [folder, rest.join("/")];
}

/** No image and no network of these takes more, but a small archive can hold as much of nothing. */
const mostBytes = 2 ** 32;

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Left out: what archives of macOS hold beside the files. */
const isOfSystem = /(^|\/)(__MACOSX\/|\.DS_Store$)/;

async function unpacked(files: FileSource, path: FilePath): Promise<FileSource> {
  // What reads it is loaded with the first of them.
  const { BlobWriter, configure, Reader, ZipReader } = await import("@zip.js/zip.js");
  configure({ useWebWorkers: false });
  const source = await opened(files, path);
  const reader = new (class extends Reader<RangeReader> {
    override size = source.byteLength;
    override readUint8Array = (index: number, length: number) =>
      source.read(index, Math.max(0, Math.min(length, source.byteLength - index)));
  })(source);
  const damaged = (cause: unknown) =>
    new VoxplainError("invalid-file", "it cannot be unpacked", {
      ...{ file: path, cause, hint: "unpack it yourself, and open what it holds" },
      found: cause instanceof Error ? cause.message : String(cause),
    });
  const entries = await new ZipReader(reader).getEntries().catch((cause: unknown) => {
    throw damaged(cause);
  });
  const inside = new Map<FilePath, FileEntry>();
  for (const entry of entries) {
    if (!entry.directory && !isOfSystem.test(entry.filename)) inside.set(joinPath(entry.filename), entry);
  }
  const top = commonFolder([...inside.keys()]);
  const blobs = new Map<FilePath, Promise<Blob>>();
  const paths = [...inside.keys()].map((inner) => inner.slice(top.length));
  return fileTree(path.replace(/\.zip$/i, ""), paths, async (inner) => {
    const entry = inside.get(`${top}${inner}`);
    if (entry === undefined) return undefined;
    const { uncompressedSize } = entry;
    if (uncompressedSize > mostBytes) throw damaged(new Error(`${gigabytes(uncompressedSize)} in ${inner}`));
    // It ends where there is more than that.
    const blob = blobs.get(inner) ?? entry.getData(new BlobWriter());
    blobs.set(inner, blob);
    return blobReader(
      await blob.catch((cause: unknown) => {
        throw damaged(cause);
      }),
    );
  });
}

async function opened(files: FileSource, path: FilePath): Promise<RangeReader> {
  const reader = await files.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", "there is no such file", { file: path });
  return reader;
}

/** The folder that holds everything, with its "/": archives of a folder hold that folder. */
function commonFolder(paths: readonly FilePath[]): string {
  const top = paths[0]?.split("/").slice(0, -1)[0];
  return top !== undefined && paths.every((path) => path.startsWith(`${top}/`)) ? `${top}/` : "";
}
