import { type RangeReader, VoxplainError } from "@voxplain/core";
import { damaged, shown } from "./pickle-limits.ts";

/** Where the bytes of an entry start in the archive, and how many they are. */
export interface ZipEntry {
  readonly offset: number;
  readonly byteLength: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locatorSignature = 0x07064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const longestComment = 0xffff;
/** A checkpoint has one entry of some hundred bytes per tensor: this is room for 100 000. */
const largestDirectory = 2 ** 24;

/**
 * The entries of a zip archive by name: stored ones only, which is all that torch writes.
 * Format: PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.16 (ZIP64 included).
 * @throws VoxplainError `invalid-file` when the directory does not fit the file.
 */
export async function readZipDirectory(reader: RangeReader): Promise<ReadonlyMap<string, RawEntry>> {
  const { offset, byteLength, count } = await findDirectory(reader);
  if (byteLength > largestDirectory) throw damaged("its directory is absurdly large");
  const bytes = await reader.read(offset, byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, RawEntry>();
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (at + 46 > byteLength || view.getUint32(at, true) !== entrySignature)
      throw damaged("its directory is broken");
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > byteLength) throw damaged("its directory is broken");
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (entries.has(name)) throw damaged(`it holds ${shown(name)} twice`);
    const wide = wideFields(view, at, at + 46 + nameLength, extraLength);
    entries.set(name, { name, compressed: view.getUint16(at + 10, true) !== 0, ...wide });
    at = next;
  }
  return entries;
}

export interface RawEntry {
  readonly name: string;
  readonly compressed: boolean;
  readonly byteLength: number;
  readonly headerOffset: number;
}

/** Sizes and the offset of an entry; those of 0xffffffff stand in the ZIP64 extra field. */
function wideFields(view: DataView, entry: number, extra: number, extraLength: number) {
  const packed = view.getUint32(entry + 20, true);
  const size = view.getUint32(entry + 24, true);
  const header = view.getUint32(entry + 42, true);
  const missing = [size, packed, header].filter((value) => value === 0xffffffff).length;
  const wide = missing === 0 ? [] : zip64Values(view, extra, extraLength, missing);
  const resolve = (value: number) => (value === 0xffffffff ? wide.shift()! : value);
  const byteLength = resolve(size);
  const packedLength = resolve(packed);
  if (packedLength !== byteLength) return { byteLength, headerOffset: resolve(header), compressed: true };
  return { byteLength, headerOffset: resolve(header) };
}

function zip64Values(view: DataView, extra: number, extraLength: number, count: number): number[] {
  for (let at = extra; at + 4 <= extra + extraLength; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    if (at + 4 + 8 * count > extra + extraLength) break;
    return Array.from({ length: count }, (_, k) => Number(view.getBigUint64(at + 4 + 8 * k, true)));
  }
  throw damaged("its directory is broken");
}

/** Reads an entry's own header, behind which its bytes start. */
export async function locateEntry(reader: RangeReader, entry: RawEntry): Promise<ZipEntry> {
  const { name, compressed, headerOffset, byteLength } = entry;
  if (compressed) {
    throw new VoxplainError(
      "unsupported",
      `its entry ${shown(name)} is compressed, which torch.save never does; unpack it and save it again`,
    );
  }
  const bytes = await reader.read(headerOffset, 30);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== localSignature)
    throw damaged(`its entry ${shown(name)} is not where it should be`);
  const offset = headerOffset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (offset + byteLength > reader.byteLength)
    throw damaged(`its entry ${shown(name)} reaches beyond the file`);
  return { offset, byteLength };
}

async function findDirectory(reader: RangeReader) {
  const tailBytes = Math.min(reader.byteLength, endBytes + longestComment);
  const tailOffset = reader.byteLength - tailBytes;
  const tail = await reader.read(tailOffset, tailBytes);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tailBytes - endBytes; at >= 0; at--) {
    if (view.getUint32(at, true) !== endSignature) continue;
    const found = {
      count: view.getUint16(at + 10, true),
      byteLength: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const wide = at >= 20 && view.getUint32(at - 20, true) === locatorSignature;
    const directory = wide ? await wideDirectory(reader, Number(view.getBigUint64(at - 12, true))) : found;
    if (directory.offset + directory.byteLength > reader.byteLength)
      throw damaged("its directory reaches beyond the file");
    return directory;
  }
  throw damaged("it ends before its directory; was it copied or downloaded completely?");
}

async function wideDirectory(reader: RangeReader, offset: number) {
  if (!Number.isSafeInteger(offset)) throw damaged("its directory is broken");
  const bytes = await reader.read(offset, 56);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== end64Signature) throw damaged("its directory is broken");
  const number = (at: number) => Number(view.getBigUint64(at, true));
  return { count: number(32), byteLength: number(40), offset: number(48) };
}
