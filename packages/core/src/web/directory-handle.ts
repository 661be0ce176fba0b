import { isVoxplainError, VoxplainError } from "../errors.ts";
import {
  blobReader,
  type FileEntry,
  type FilePath,
  type FileSink,
  type FileSource,
  joinPath,
} from "../files.ts";

/**
 * A folder that the user opened with `showDirectoryPicker()`. Writing needs the mode "readwrite"; the
 * browser puts a written file in place when it is whole.
 */
export function openedFolder(root: FileSystemDirectoryHandle): FileSource & FileSink {
  const folder = async (parts: readonly string[], create: boolean) => {
    let handle = root;
    for (const part of parts) handle = await handle.getDirectoryHandle(part, { create });
    return handle;
  };
  const split = (path: FilePath) => {
    const parts = joinPath(path).split("/").filter(Boolean);
    return { parents: parts.slice(0, -1), name: parts.at(-1) ?? "", parts };
  };
  const failure = (action: "read" | "write", path: FilePath) => (cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VoxplainError("io-failure", `cannot ${action} ${root.name}/${path}: ${reason}`, { cause });
  };
  return {
    name: root.name,
    async list(path) {
      const handle = await present(() => folder(split(path).parts, false)).catch(failure("read", path));
      if (handle === undefined) return undefined;
      const entries: FileEntry[] = [];
      for await (const { name, kind } of handle.values()) entries.push({ name, kind });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async open(path) {
      const { parents, name } = split(path);
      if (name === "") return undefined;
      const file = await present(async () => {
        const handle = await (await folder(parents, false)).getFileHandle(name);
        return handle.getFile();
      }).catch(failure("read", path));
      return file && blobReader(file);
    },
    async write(path, content) {
      const { parents, name } = split(path);
      try {
        const handle = await (await folder(parents, true)).getFileHandle(name, { create: true });
        const writable = await handle.createWritable();
        try {
          if (content instanceof Uint8Array) await writable.write(content as Uint8Array<ArrayBuffer>);
          else for await (const piece of content) await writable.write(piece as Uint8Array<ArrayBuffer>);
        } catch (error) {
          await writable.abort();
          throw error;
        }
        await writable.close();
      } catch (error) {
        if (isVoxplainError(error)) throw error;
        failure("write", path)(error);
      }
    },
  };
}

/** What is not there, or is a file where a folder was looked for, is undefined. */
async function present<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "NotFoundError" || name === "TypeMismatchError") return undefined;
    throw error;
  }
}
