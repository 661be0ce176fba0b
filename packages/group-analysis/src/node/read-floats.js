// JavaScript, for the thread too.
import { readSync } from "node:fs";

/**
 * Fills an array with float32 values of a file.
 * @param {number} file Its descriptor.
 * @param {number} offset In float32 values.
 * @param {Float32Array} into
 */
export function readFloats(file, offset, into) {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let done = 0; done < bytes.byteLength; ) {
    const count = readSync(file, bytes, done, bytes.byteLength - done, 4 * offset + done);
    if (count === 0) throw new Error("it is shorter than what was written into it");
    done += count;
  }
}
