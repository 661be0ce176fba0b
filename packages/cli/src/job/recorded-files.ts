import { createHash } from "node:crypto";
import { type FilePath, type FileSink, type FileSource, VoxplainError } from "@voxplain/core";
import { describeOutput, type OutputProvenance } from "@voxplain/writers";

/** A sink that remembers what was written, for the provenance of a result. */
export interface RecordedFiles extends FileSink {
  /** `values`: those of a map, whose statistics are kept. `facts`: what else is recorded of the file. */
  write(
    path: FilePath,
    bytes: Uint8Array,
    values?: Float32Array,
    facts?: Pick<OutputProvenance, "position">,
  ): Promise<void>;
  readonly outputs: readonly OutputProvenance[];
}

export function recordedFiles(files: FileSink): RecordedFiles {
  const outputs: OutputProvenance[] = [];
  return {
    name: files.name,
    outputs,
    async write(path, bytes, values, facts) {
      await files.write(path, bytes);
      outputs.push({ ...(await describeOutput(path, bytes, values)), ...facts });
    },
  };
}

const chunkBytes = 4 * 2 ** 20;

/** SHA-256 of a file in hexadecimal digits, read piece by piece. */
export async function sha256OfFile(source: FileSource, path: FilePath): Promise<string> {
  const reader = await source.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", `the file ${source.name}/${path} is gone`);
  const hash = createHash("sha256");
  for (let at = 0; at < reader.byteLength; at += chunkBytes) {
    hash.update(await reader.read(at, Math.min(chunkBytes, reader.byteLength - at)));
  }
  return hash.digest("hex");
}
