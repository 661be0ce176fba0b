import type { FilePath, FileSink } from "@voxplain/core";
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
  /** An entry for each file that was written. */
  readonly outputs: readonly OutputProvenance[];
}

/** Writes into a folder, and keeps the size, the hash and the statistics of each file. */
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
