import { createHash } from "node:crypto";
import { type FilePath, type FileSource, VoxplainError } from "@voxplain/core";

const chunkBytes = 4 * 2 ** 20;

/** SHA-256 of a file in hexadecimal digits, read piece by piece. */
export async function sha256OfFile(source: FileSource, path: FilePath): Promise<string> {
  const reader = await source.open(path);
  if (reader === undefined) {
    throw new VoxplainError("not-found", "the file is gone", { file: `${source.name}/${path}` });
  }
  const hash = createHash("sha256");
  for (let at = 0; at < reader.byteLength; at += chunkBytes) {
    hash.update(await reader.read(at, Math.min(chunkBytes, reader.byteLength - at)));
  }
  return hash.digest("hex");
}
