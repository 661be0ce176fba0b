import {
  blobReader,
  bytesReader,
  errorAt,
  isVoxplainError,
  type RangeReader,
  VoxplainError,
} from "@voxplain/core";
import type { Checkpoint } from "./checkpoint.ts";
import { foreignFile } from "./foreign-formats.ts";
import { latin1 } from "./latin1.ts";
import { legacyMagic, openLegacy } from "./open-legacy.ts";
import { openZip } from "./open-zip.ts";

/**
 * Opens a file of `torch.save`. Only its directory and its pickle are read; tensors are read when
 * they are asked for. Nothing in the file is executed. The records of a zip container are verified against their
 * CRC-32: small ones now, large ones while they are read, so that reading a tensor may throw `invalid-file`.
 * @throws VoxplainError `invalid-file` for a damaged file or one of another format, `unsafe-file` for a
 * pickle that asks for anything but tensors and plain values, `unsupported` for TorchScript archives.
 */
export async function openCheckpoint(
  source: RangeReader | Uint8Array | Blob,
  options: { readonly name?: string } = {},
): Promise<Checkpoint> {
  const reader =
    source instanceof Uint8Array ? bytesReader(source) : source instanceof Blob ? blobReader(source) : source;
  const file = options.name ?? "the checkpoint";
  try {
    return await openAny(reader, file);
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw errorAt(error, { file });
  }
}

async function openAny(reader: RangeReader, file: string): Promise<Checkpoint> {
  if (reader.byteLength === 0) throw new VoxplainError("invalid-file", "it is empty");
  const start = await reader.read(0, Math.min(reader.byteLength, 512));
  if (start[0] === 0x50 && start[1] === 0x4b) return openZip(reader, file);
  // The magic number as pickle protocols from 2 on write it, and as protocol 1 does.
  if (start[0] === 0x80 || startsWith(start, `L${legacyMagic}L`)) return openLegacy(reader);
  const foreign = foreignFile(start);
  throw new VoxplainError("invalid-file", "it is not a torch.save file", {
    found: foreign?.found,
    hint: foreign?.hint,
  });
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return latin1(bytes.subarray(0, text.length)) === text;
}
