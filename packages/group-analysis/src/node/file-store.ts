import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { temporaryFailure, temporaryFolder, tryTo } from "@voxplain/core/node";
import type { MatrixStore } from "../matrix-blocks.ts";
import { readFloats } from "./read-floats.js";

/**
 * A temporary file for the rows of a comparison, in the system's folder for such (TMPDIR). A process that emits "exit" removes it.
 * Its methods throw VoxplainError `io-failure`: the disk is full, say.
 */
export function fileStore(): MatrixStore {
  const folder = temporaryFolder();
  const name = join(folder, "rows.f32");
  // What cannot be removed is left to the next command.
  const removeFolder = () => tryTo(() => rmSync(folder, { recursive: true, force: true }));
  process.once("exit", removeFolder);
  const file = orFail("write", name, () => openSync(name, "w+"));
  return {
    name,
    write(offset, values) {
      const bytes = bytesOf(values);
      orFail("write", name, () => {
        for (let done = 0; done < bytes.byteLength; ) {
          done += writeSync(file, bytes, done, bytes.byteLength - done, 4 * offset + done);
        }
      });
    },
    read: (offset, into) => orFail("read", name, () => readFloats(file, offset, into)),
    remove() {
      closeSync(file);
      removeFolder();
      process.off("exit", removeFolder);
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function orFail<T>(action: "read" | "write", path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return temporaryFailure(action, path)(error);
  }
}
