import { createHash } from "node:crypto";
import type { FilePath, FileSink } from "@voxplain/core";
import { describeOutput, type OutputProvenance } from "@voxplain/writers";

/** A sink that remembers what was written, for the provenance of a result. */
export interface RecordedFiles extends FileSink {
  /** `values`: those of a map, whose statistics are kept. `facts`: what else is recorded of the file. */
  write(
    path: FilePath,
    content: Uint8Array | AsyncIterable<Uint8Array>,
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
    async write(path, content, values, facts) {
      if (content instanceof Uint8Array) {
        await files.write(path, content);
        outputs.push({ ...(await describeOutput(path, content, values)), ...facts });
        return;
      }
      const measured = measuring(content);
      await files.write(path, measured.pieces);
      outputs.push({ file: path, ...measured.facts(), ...facts });
    },
  };
}

/** The length and the hash of pieces that pass by. */
function measuring(content: AsyncIterable<Uint8Array>) {
  const hash = createHash("sha256");
  let byteLength = 0;
  async function* pieces() {
    for await (const piece of content) {
      hash.update(piece);
      byteLength += piece.byteLength;
      yield piece;
    }
  }
  return { pieces: pieces(), facts: () => ({ byteLength, sha256: hash.digest("hex") }) };
}
