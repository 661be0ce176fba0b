import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FileSink } from "@voxplain/core";
import { cleanBeside, writeFileAtomically } from "@voxplain/core/node";
import { fileExists } from "./older-network.ts";

/** Where the weights of an ONNX file go that do not fit into it. */
export interface WeightsBeside {
  /** The name of their file, in the folder of the ONNX file. */
  readonly name: string;
  /** The folder. Weights are refused before a byte of them is written where others are that may not be replaced: `already-exists`. */
  readonly sink: FileSink;
  /** Removes the weights that nothing names any more, where the ONNX file has been replaced. */
  removeOlder(): Promise<void>;
}

/** What may be done beside an ONNX file, and how. */
export interface WeightsBesideOptions {
  /** The files of weights that the ONNX file uses which is replaced, from its folder. */
  readonly older: ReadonlySet<string>;
  /** Whether weights may be replaced: another ONNX file may use them, or the same one under another name. */
  readonly overwrite: boolean;
  readonly fsync: boolean;
}

/**
 * Chooses one of two names for the weights of a new ONNX file: the one that the ONNX file which it replaces does not use. That one stays
 * as it is with its weights until the new one has its name, so that a process that is killed never leaves a network with the weights of
 * another.
 */
export function weightsBeside(
  path: string,
  { older, overwrite, fsync }: WeightsBesideOptions,
): WeightsBeside {
  const usual = `${basename(path)}.data`;
  const other = `${basename(path)}.2.data`;
  const folder = dirname(path);
  const at = (name: string) => join(folder, name);
  for (const name of [usual, other]) cleanBeside(at(name));
  const isUsed = older.has(usual) && existsSync(at(usual));
  const name = isUsed ? other : usual;
  let isWritten = false;
  return {
    name,
    sink: {
      name: folder,
      async write(file, content) {
        if (file === name) {
          if (!overwrite && existsSync(at(name))) throw fileExists(at(name));
          isWritten = true;
        }
        await writeFileAtomically(at(file), content, { fsync });
      },
    },
    async removeOlder() {
      if (!overwrite) return;
      // The usual name may be that of another program, which is only removed where it has been replaced. The other one is ours.
      if (isUsed && isWritten) await rm(at(usual), { force: true }).catch(() => {});
      if (!isUsed || !isWritten) await rm(at(other), { force: true }).catch(() => {});
    },
  };
}
