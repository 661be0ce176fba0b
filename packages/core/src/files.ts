import { VoxplainError } from "./errors.ts";
import { decodeText } from "./text.ts";

/** A path below a root, with "/" between its parts, whatever the system. */
export type FilePath = string;

/** One entry of a folder. */
export interface FileEntry {
  /** Without the path of the folder. */
  readonly name: string;
  /** What it is; a "link" is a symbolic link whose target is missing. */
  readonly kind: "file" | "directory" | "link";
}

/** Bytes that can be read in pieces: a file, a Blob, an array. */
export interface RangeReader {
  /** Length of the whole file. */
  readonly byteLength: number;
  /** Exactly `length` bytes from `offset`. Rejects when the range is not inside. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** What is read from, where that is a Blob or File of a browser. */
  readonly blob?: Blob;
  /** As `read`, into an array of the caller's, whose memory can be used again: new memory costs more than reading. */
  readInto?(offset: number, into: Uint8Array): Promise<void>;
  /** The path of the file itself, behind all symbolic links, for programs that map it; absent for what is no file of this machine. */
  realPath?(): Promise<string>;
}

/**
 * A tree of files that can be read: a folder, dropped files, a web server. Missing is `undefined`;
 * anything else that is wrong rejects.
 */
export interface FileSource {
  /** What a person calls this place, for messages: an absolute path, say. */
  readonly name: string;
  /** The entries of a folder, sorted by name. "" is the root. */
  list(directory: FilePath): Promise<readonly FileEntry[] | undefined>;
  /** Opens a file for reading by ranges; undefined where there is none. */
  open(path: FilePath): Promise<RangeReader | undefined>;
  /** Where a symbolic link points to, as it is written; undefined for what is none. Absent where there are no links. */
  linkTarget?(path: FilePath): Promise<string | undefined>;
}

/** A place to write to. A file is there whole or not at all. */
export interface FileSink {
  /** What a person calls this place, for messages. */
  readonly name: string;
  /**
   * Writes a whole file; folders on the way are made. Nobody sees half of it. Pieces, for what is too large to hold at
   * once, are written as they come; an error of theirs is passed on, and leaves no file.
   */
  write(path: FilePath, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
}

/** Compresses to gzip, off the thread where the platform can. */
export type Gzip = (bytes: Uint8Array) => Promise<Uint8Array>;

/**
 * Puts path parts together.
 * @throws VoxplainError `unsafe-file` when a part would leave the root: "..", an absolute path, a NUL.
 */
export function joinPath(...parts: readonly string[]): FilePath {
  const names = parts.flatMap((part) => part.split("/")).filter((name) => name !== "" && name !== ".");
  const absolute = parts.some((part) => part.startsWith("/"));
  if (absolute || names.some((name) => name === ".." || name.includes("\0") || name.includes("\\"))) {
    throw new VoxplainError("unsafe-file", `the path "${parts.join("/")}" would leave its folder`);
  }
  return names.join("/");
}

/**
 * The whole file.
 * @throws VoxplainError `not-found` naming the file.
 */
export async function readFile(source: FileSource, path: FilePath): Promise<Uint8Array> {
  const reader = await openedFile(source, path);
  return reader.read(0, reader.byteLength);
}

/** Engines have no longer text than twice this. */
const longestText = 2 ** 28;

/**
 * The whole file as text, in UTF-8 or as `decodeText` finds.
 * @throws VoxplainError `not-found` naming the file; `invalid-file` for one of more than 256 MiB.
 */
export async function readText(source: FileSource, path: FilePath): Promise<string> {
  const reader = await openedFile(source, path);
  if (reader.byteLength <= longestText) return decodeText(await reader.read(0, reader.byteLength));
  throw new VoxplainError("invalid-file", "it is too large to be read as text", {
    file: `${source.name}/${path}`,
    expected: `at most ${longestText} bytes`,
    found: String(reader.byteLength),
  });
}

async function openedFile(source: FileSource, path: FilePath): Promise<RangeReader> {
  const reader = await source.open(path);
  if (reader !== undefined) return reader;
  throw new VoxplainError("not-found", "there is no such file", { file: `${source.name}/${path}` });
}

/** Reads from an array in memory. */
export function bytesReader(bytes: Uint8Array): RangeReader {
  return {
    byteLength: bytes.byteLength,
    async read(offset, length) {
      checkRange(offset, length, bytes.byteLength);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** Reads from a Blob or File of the browser, only the ranges asked for. */
export function blobReader(blob: Blob): RangeReader {
  return {
    byteLength: blob.size,
    blob,
    async read(offset, length) {
      checkRange(offset, length, blob.size);
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
  };
}

/** Files in memory, for tests and for what was computed: both source and sink over a Map. */
export function memoryFiles(files = new Map<FilePath, Uint8Array>(), name = "memory"): FileSource & FileSink {
  return {
    name,
    async list(directory) {
      const prefix = directory === "" ? "" : `${joinPath(directory)}/`;
      const entries = new Map<string, FileEntry>();
      for (const path of files.keys()) {
        if (!path.startsWith(prefix)) continue;
        const [name = "", ...rest] = path.slice(prefix.length).split("/");
        entries.set(name, { name, kind: rest.length > 0 ? "directory" : "file" });
      }
      if (entries.size === 0 && directory !== "") return undefined;
      return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async open(path) {
      const bytes = files.get(joinPath(path));
      return bytes && bytesReader(bytes);
    },
    async write(path, content) {
      files.set(joinPath(path), content instanceof Uint8Array ? content.slice() : await joined(content));
    },
  };
}

/** All pieces in one array. */
async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  for await (const piece of pieces) kept.push(piece);
  const bytes = new Uint8Array(kept.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of kept) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

/**
 * Guards a read.
 * @throws VoxplainError `invalid-file` when the range is not inside the file: it is shorter than its content says.
 */
export function checkRange(offset: number, length: number, byteLength: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= byteLength)) {
    throw new VoxplainError(
      "invalid-file",
      `bytes ${offset} to ${offset + length} were requested, but the file ends at ${byteLength}: it is truncated or damaged`,
    );
  }
}
