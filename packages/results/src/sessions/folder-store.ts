import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ioFailure, makeFolders, openFile, syncFolder, syncHandle } from "@voxplain/core/node";
import type { SessionStore } from "@voxplain/study";

/** How files are kept. */
export interface FolderStoreOptions {
  /** Whether what is kept survives a loss of power. Default: true. */
  readonly fsync?: boolean;
}

/**
 * A folder in which finished sessions are kept. Each file has a temporary name of its own until it is whole and on the disk.
 * @throws VoxplainError `io-failure` where the folder cannot be made.
 */
export function folderStore(folder: string, { fsync = true }: FolderStoreOptions = {}): SessionStore {
  try {
    makeFolders(folder);
  } catch (error) {
    ioFailure("write", folder)(error);
  }
  return {
    name: folder,
    list: () => readdir(folder).catch(ioFailure("read", folder)),
    open: (name) => openFile(join(folder, name)),
    write(name, pieces) {
      const path = join(folder, name);
      const temporary = join(folder, `.${name}.${randomBytes(4).toString("hex")}.tmp`);
      const fail = async (error: unknown) => {
        await rm(temporary, { force: true }).catch(() => {});
        return ioFailure("write", path)(error);
      };
      const opened = (async () => {
        const handle = await open(temporary, "wx");
        try {
          for (const piece of pieces) await writeAll(handle, piece);
        } catch (error) {
          await handle.close();
          throw error;
        }
        return handle;
      })();
      const kept = async () => {
        const handle = await opened;
        try {
          if (fsync) await syncHandle(handle);
        } finally {
          await handle.close();
        }
        await rename(temporary, path);
        if (fsync) await syncFolder(folder);
      };
      const writing = {
        taken: opened.then(() => {}).catch(ioFailure("write", path)),
        kept: kept().catch(fail),
      };
      // Both fail for one reason, and whoever writes may wait for one of them only.
      for (const promise of [writing.taken, writing.kept]) promise.catch(() => {});
      return writing;
    },
    remove: (name) => rm(join(folder, name), { force: true }).catch(ioFailure("write", join(folder, name))),
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}
