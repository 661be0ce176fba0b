import { errorAt, isVoxplainError } from "@voxplain/core";

/** Adds the file to errors. */
export function inFile<T>(name: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw isVoxplainError(error) ? errorAt(error, { file: name }) : error;
  }
}
