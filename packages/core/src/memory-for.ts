import { VoxplainError } from "./errors.ts";

/**
 * Memory for what a file holds: a file with holes, or what a header says of one, may be larger than any.
 * @param byteLength - Bytes.
 * @throws VoxplainError `invalid-file` naming the file where there is not so much.
 */
export function memoryFor(byteLength: number, file: string): ArrayBuffer {
  try {
    return new ArrayBuffer(byteLength);
  } catch (cause) {
    throw new VoxplainError("invalid-file", "it does not fit into memory", {
      ...{ file, found: `${byteLength} bytes`, cause },
    });
  }
}
