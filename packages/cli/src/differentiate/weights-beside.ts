import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cleanBeside } from "@voxplain/core/node";

/** Where the weights of an ONNX file go that do not fit into it. */
export interface WeightsBeside {
  /** The name of their file, in the folder of the ONNX file. */
  readonly name: string;
  /**
   * Removes the weights that nothing names any more, where the ONNX file has been replaced.
   * @param isWritten - Whether there is a new file of weights.
   */
  removeOlder(isWritten: boolean): Promise<void>;
}

/**
 * Chooses one of two names for the weights of a new ONNX file: the one that the ONNX file which it replaces does not use. That one stays
 * as it is with its weights until the new one has its name, so that a process that is killed never leaves a network with the weights of
 * another.
 * @param older - The files of weights that the ONNX file uses which is replaced, from its folder.
 */
export function weightsBeside(path: string, older: ReadonlySet<string>): WeightsBeside {
  const usual = `${basename(path)}.data`;
  const other = `${basename(path)}.2.data`;
  const at = (name: string) => join(dirname(path), name);
  for (const name of [usual, other]) cleanBeside(at(name));
  const isUsed = older.has(usual) && existsSync(at(usual));
  return {
    name: isUsed ? other : usual,
    async removeOlder(isWritten) {
      // The usual name may be that of another program, which is only removed where it has been replaced. The other one is ours.
      if (isUsed && isWritten) await rm(at(usual), { force: true }).catch(() => {});
      if (!isUsed || !isWritten) await rm(at(other), { force: true }).catch(() => {});
    },
  };
}
