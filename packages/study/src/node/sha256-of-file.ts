import { createHash } from "node:crypto";
import { type FilePath, type FileSource, VoxplainError } from "@voxplain/core";

/** What processors keep near them, so that it is read and hashed without a way to the memory; each piece opens the file again. */
const pieceBytes = 2 ** 22;

/** Used again for the next file: engines free large arrays late. */
let spare: Uint8Array | undefined;

/** Files that are read at the same time have buffers of their own. */
function takeBuffer(length: number): Uint8Array {
  const taken = spare !== undefined && spare.length >= length ? spare : new Uint8Array(length);
  spare = undefined;
  return taken;
}

/** SHA-256 of a file in hexadecimal digits, read piece by piece. */
export async function sha256OfFile(source: FileSource, path: FilePath): Promise<string> {
  const reader = await source.open(path);
  if (reader === undefined) {
    throw new VoxplainError("not-found", "the file is gone", { file: `${source.name}/${path}` });
  }
  const hash = createHash("sha256");
  const { byteLength, readInto } = reader;
  const buffer = readInto && takeBuffer(Math.min(pieceBytes, byteLength));
  for (let at = 0; at < byteLength; at += pieceBytes) {
    const length = Math.min(pieceBytes, byteLength - at);
    const piece = buffer?.subarray(0, length) ?? (await reader.read(at, length));
    if (buffer) await readInto?.(at, piece);
    hash.update(piece);
  }
  spare = buffer ?? spare;
  return hash.digest("hex");
}
