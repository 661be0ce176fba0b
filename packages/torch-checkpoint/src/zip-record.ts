import { type RangeReader, VoxplainError } from "@voxplain/core";
import { crc32 } from "./crc32.ts";
import { damaged, shown } from "./pickle-limits.ts";
import { type StorageBytes, storedAt } from "./storage-bytes.ts";
import { localHeaderBytes, type ZipEntry } from "./zip-directory.ts";

/** A record whose own header has been compared with the directory. */
export interface ZipRecord extends StorageBytes {
  /** Padded by PyTorch, which starts every record at a multiple of 64 bytes. */
  readonly padded: boolean;
}

const localSignature = 0x04034b50;
const descriptorSignature = 0x08074b50;
const longestDescriptor = 24;
const hasDescriptor = 8;
/** Bytes in one read where a record is verified before a part of it is read. */
const pieceBytes = 2 ** 22;

/**
 * Opens a record. Its bytes are verified against its CRC-32 before, or while, they are handed out.
 * @param hasChecksums False where PyTorch was set not to compute checksums.
 * @param window The bytes at its header: a small record is in it whole, and verified with the header.
 * @throws VoxplainError `invalid-file` where header and directory disagree, `unsupported` for a compressed record.
 */
export async function openRecord(
  reader: RangeReader,
  entry: ZipEntry,
  hasChecksums: boolean,
  window: Uint8Array,
): Promise<ZipRecord> {
  const { name, headerOffset, byteLength, crc } = entry;
  if (entry.compressed) {
    throw new VoxplainError(
      "unsupported",
      `its entry ${shown(name)} is compressed, which torch.save never does`,
      { hint: "unpack it and save it again" },
    );
  }
  const { offset, padded } = await checkHeader(reader, entry, window);
  const end = offset + byteLength;
  if (end > reader.byteLength) throw damaged(`its entry ${shown(name)} reaches beyond the file`);
  // The descriptor behind the bytes is read with the last of them.
  const behind = entry.flags & hasDescriptor ? Math.min(longestDescriptor, reader.byteLength - end) : 0;

  let verified = byteLength === 0;
  let verifying: Promise<void> | undefined;
  const expect = (found: number) => {
    if (hasChecksums && found !== crc)
      throw damaged(`its record ${shown(name)} does not match its checksum (CRC-32)`);
    verified = true;
  };
  const withoutDescriptor = (bytes: Uint8Array, length: number) => {
    if (behind > 0) checkDescriptor(bytes.subarray(length), entry);
    return bytes.subarray(0, length);
  };

  async function readPart(start: number, length: number): Promise<Uint8Array> {
    if (start + length < byteLength) return reader.read(offset + start, length);
    return withoutDescriptor(await reader.read(offset + start, length + behind), length);
  }

  async function* pieces(start: number, length: number, pieceLength: number): AsyncGenerator<Uint8Array> {
    const running = !verified && start === 0 && length === byteLength;
    if (!running) await verify();
    let sum = 0;
    let next = readAhead(0);
    for (let done = 0; done < length; ) {
      const piece = await next;
      done += piece.length;
      // The disk reads while the sum is computed and the caller works.
      if (done < length) next = readAhead(done);
      if (running && hasChecksums) sum = crc32(piece, sum);
      if (running && done === length) expect(hasChecksums ? sum : crc);
      yield piece;
    }

    function readAhead(done: number): Promise<Uint8Array> {
      const part = readPart(start + done, Math.min(pieceLength, length - done));
      // A caller that stops early does not wait for it.
      part.catch(() => {});
      return part;
    }
  }

  /** Once for all that read a part of the record. */
  function verify(): Promise<void> {
    if (verified) return Promise.resolve();
    verifying ??= (async () => {
      for await (const _ of pieces(0, byteLength, pieceBytes));
    })();
    return verifying;
  }

  if (offset + byteLength + behind <= headerOffset + window.length) {
    const bytes = window.subarray(offset - headerOffset, offset - headerOffset + byteLength + behind);
    expect(hasChecksums ? crc32(withoutDescriptor(bytes, byteLength)) : crc);
  }
  return {
    byteLength,
    padded,
    stored: storedAt(reader, offset),
    pieces,
    async read(start, length) {
      if (verified || start !== 0 || length !== byteLength) {
        await verify();
        return reader.read(offset + start, length);
      }
      const bytes = await readPart(0, length);
      expect(hasChecksums ? crc32(bytes) : crc);
      return bytes;
    },
  };
}

/** Compares a record's own header with the directory. @returns where its bytes start. */
async function checkHeader(reader: RangeReader, entry: ZipEntry, window: Uint8Array) {
  const { name, nameBytes, common, headerOffset, byteLength, crc, flags } = entry;
  const misplaced = () => damaged(`its entry ${shown(name)} is not where it should be`);
  const different = () => damaged(`the header of its record ${shown(name)} and its directory disagree`);
  if (window.length < localHeaderBytes) throw misplaced();
  const view = new DataView(window.buffer, window.byteOffset, window.byteLength);
  if (view.getUint32(0, true) !== localSignature) throw misplaced();
  const nameLength = view.getUint16(26, true);
  const headerBytes = localHeaderBytes + nameLength + view.getUint16(28, true);
  if (headerOffset + headerBytes > reader.byteLength) throw misplaced();
  const header = headerBytes <= window.length ? window : await reader.read(headerOffset, headerBytes);
  const { padded, sizes } = extraFields(
    header.subarray(localHeaderBytes + nameLength, headerBytes),
    different,
  );
  const isSame = (bytes: Uint8Array, others: Uint8Array) =>
    bytes.length === others.length && bytes.every((byte, k) => byte === others[k]);
  // Other zip tools write versions and times of their own into the two places; flags and method are the same.
  const [from, to] = padded ? [0, 10] : [2, 6];
  const late = (flags & hasDescriptor) !== 0;
  const isSize = (at: number) => {
    const size = view.getUint32(at, true);
    return (
      size === byteLength || (late && size === 0) || (size === 0xffffffff && (late || sizes !== undefined))
    );
  };
  const sum = view.getUint32(14, true);
  if (
    !isSame(header.subarray(localHeaderBytes, localHeaderBytes + nameLength), nameBytes) ||
    !isSame(header.subarray(4 + from, 4 + to), common.subarray(from, to)) ||
    !(sum === crc || (late && sum === 0)) ||
    !isSize(18) ||
    !isSize(22) ||
    sizes?.some((size) => size !== byteLength && !(late && size === 0))
  ) {
    throw different();
  }
  return { offset: headerOffset + headerBytes, padded };
}

const paddingId = 0x4246; // "FB"
const zip64Id = 1;
const paddingByte = 0x5a; // "Z"

/** The fields behind a record's name: PyTorch's padding, and the sizes of ZIP64. */
function extraFields(extra: Uint8Array, different: () => VoxplainError) {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  let padded = false;
  let sizes: readonly number[] | undefined;
  for (let at = 0; at + 4 <= extra.length; ) {
    const id = view.getUint16(at, true);
    const next = at + 4 + view.getUint16(at + 2, true);
    const content = extra.subarray(at + 4, next);
    if (id === paddingId) {
      padded = true;
      if (next !== extra.length || content.some((byte) => byte !== paddingByte)) throw different();
    }
    if (id === zip64Id && next <= extra.length && content.length >= 16) {
      sizes = [at + 4, at + 12].map((place) => Number(view.getBigUint64(place, true)));
    }
    at = next;
  }
  return { padded, sizes };
}

/** Sum and sizes (of 4 or 8 bytes) behind a record, with or without a signature. */
function checkDescriptor(bytes: Uint8Array, { name, crc, byteLength }: ZipEntry): void {
  const different = () => damaged(`what follows its record ${shown(name)} and its directory disagree`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = bytes.length >= 16 && view.getUint32(0, true) === descriptorSignature ? 4 : 0;
  if (bytes.length < at + 12 || view.getUint32(at, true) !== crc) throw different();
  const narrow = [at + 4, at + 8].every((place) => view.getUint32(place, true) === byteLength);
  const wide =
    bytes.length >= at + 20 &&
    [at + 4, at + 12].every((place) => Number(view.getBigUint64(place, true)) === byteLength);
  if (!narrow && !wide) throw different();
}
