import type { RangeReader, VoxplainError } from "@voxplain/core";
import { damaged, shown } from "./pickle-limits.ts";

/** A record as the archive's central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** The name's bytes, as the record's own header must repeat them. */
  readonly nameBytes: Uint8Array;
  /** Version needed, flags, method, time and date: ten bytes that the record's own header repeats. */
  readonly common: Uint8Array;
  /** Version of the writer, and attributes. */
  readonly attributes: string;
  readonly flags: number;
  readonly compressed: boolean;
  readonly crc: number;
  readonly byteLength: number;
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locatorSignature = 0x07064b50;
const entrySignature = 0x02014b50;
const endBytes = 22;
const end64Bytes = 56;
const locatorBytes = 20;
export const localHeaderBytes = 30;
const longestComment = 0xffff;
/** A checkpoint has one entry of some hundred bytes per tensor, and those of the largest networks have some thousands. */
const mostEntries = 50_000;
const largestDirectory = 2 ** 24;

/**
 * The records of a zip archive by name.
 * Format: PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.16 (ZIP64 included).
 * @throws VoxplainError `invalid-file` when the directory contradicts itself or does not fit the file.
 */
export async function readZipDirectory(reader: RangeReader): Promise<ReadonlyMap<string, ZipEntry>> {
  const { offset, byteLength, count } = await findDirectory(reader);
  if (byteLength > largestDirectory) throw damaged("its directory is too large");
  if (count > mostEntries) throw damaged(`its directory has ${count} entries, and may have ${mostEntries}`);
  const bytes = await reader.read(offset, byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (at + 46 > byteLength || view.getUint32(at, true) !== entrySignature) throw brokenDirectory();
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    // A record on another disk (at + 34): archives of several disks are not written any more.
    if (next > byteLength || view.getUint16(at + 34, true) !== 0) throw brokenDirectory();
    const nameBytes = bytes.slice(at + 46, at + 46 + nameLength);
    const name = new TextDecoder().decode(nameBytes);
    if (entries.has(name)) throw damaged(`it holds ${shown(name)} twice`);
    const { packed, ...wide } = wideFields(view, at, at + 46 + nameLength, extraLength);
    const compressed = view.getUint16(at + 10, true) !== 0 || packed !== wide.byteLength;
    entries.set(name, {
      name,
      nameBytes,
      common: bytes.slice(at + 6, at + 16),
      attributes: [4, 36, 38, 40].map((field) => view.getUint16(at + field, true)).join(),
      flags: view.getUint16(at + 8, true),
      compressed,
      crc: view.getUint32(at + 16, true),
      ...wide,
    });
    at = next;
  }
  if (at !== byteLength) throw brokenDirectory();
  checkPlaces([...entries.values()], offset);
  return entries;
}

/** Records follow each other, in front of the directory. */
function checkPlaces(entries: readonly ZipEntry[], end: number): void {
  const ordered = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  for (const [k, { name, nameBytes, headerOffset, byteLength, compressed }] of ordered.entries()) {
    const least = headerOffset + localHeaderBytes + nameBytes.length + (compressed ? 0 : byteLength);
    if (least > (ordered[k + 1]?.headerOffset ?? end)) {
      throw damaged(`its record ${shown(name)} reaches into what follows it`);
    }
  }
}

/** Sizes and the offset of an entry; those of 0xffffffff stand in the ZIP64 extra field. */
function wideFields(view: DataView, entry: number, extra: number, extraLength: number) {
  const packed = view.getUint32(entry + 20, true);
  const size = view.getUint32(entry + 24, true);
  const header = view.getUint32(entry + 42, true);
  const missing = [size, packed, header].filter((value) => value === 0xffffffff).length;
  const wide = missing === 0 ? [] : zip64Values(view, extra, extraLength, missing);
  const resolve = (value: number) => (value === 0xffffffff ? wide.shift()! : value);
  return { byteLength: resolve(size), packed: resolve(packed), headerOffset: resolve(header) };
}

function zip64Values(view: DataView, extra: number, extraLength: number, count: number): number[] {
  for (let at = extra; at + 4 <= extra + extraLength; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    if (at + 4 + 8 * count > extra + extraLength) break;
    return Array.from({ length: count }, (_, k) => Number(view.getBigUint64(at + 4 + 8 * k, true)));
  }
  throw brokenDirectory();
}

async function findDirectory(reader: RangeReader) {
  const tailBytes = Math.min(reader.byteLength, endBytes + longestComment);
  const tailOffset = reader.byteLength - tailBytes;
  const tail = await reader.read(tailOffset, tailBytes);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tailBytes - endBytes; at >= 0; at--) {
    if (view.getUint32(at, true) !== endSignature) continue;
    if (at + endBytes + view.getUint16(at + 20, true) > tailBytes) continue;
    const [disk, firstDisk, here, count] = [4, 6, 8, 10].map((field) => view.getUint16(at + field, true));
    const found = {
      count: count!,
      byteLength: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    if (disk !== 0 || firstDisk !== 0 || here !== count) throw brokenDirectory();
    const isWide = at >= locatorBytes && view.getUint32(at - locatorBytes, true) === locatorSignature;
    const needsWide =
      found.count === 0xffff || found.byteLength === 0xffffffff || found.offset === 0xffffffff;
    if (needsWide && !isWide) throw brokenDirectory();
    const locator = tailOffset + at - locatorBytes;
    const wide = isWide ? await wideDirectory(reader, view, at - locatorBytes, found, locator) : undefined;
    const { end, ...directory } = wide ?? { ...found, end: tailOffset + at };
    if (directory.offset + directory.byteLength !== end)
      throw damaged("its directory is not where it should be");
    return directory;
  }
  throw damaged("it ends before its directory; was it copied or downloaded completely?");
}

interface Directory {
  readonly count: number;
  readonly byteLength: number;
  readonly offset: number;
}

/** What the ZIP64 record says; where the narrow record says it too, it says the same. */
async function wideDirectory(
  reader: RangeReader,
  tail: DataView,
  locator: number,
  narrow: Directory,
  locatorOffset: number,
) {
  const offset = Number(tail.getBigUint64(locator + 8, true));
  const isWhole = tail.getUint32(locator + 4, true) === 0 && tail.getUint32(locator + 16, true) <= 1;
  if (!Number.isSafeInteger(offset) || !isWhole) throw brokenDirectory();
  const bytes = await reader.read(offset, end64Bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const number = (at: number) => Number(view.getBigUint64(at, true));
  const wide = { count: number(32), byteLength: number(40), offset: number(48) };
  const fits = (narrowValue: number, wideValue: number, absent: number) =>
    narrowValue === absent || narrowValue === wideValue;
  if (
    view.getUint32(0, true) !== end64Signature ||
    number(4) < end64Bytes - 12 ||
    offset + 12 + number(4) !== locatorOffset ||
    view.getUint32(16, true) !== 0 ||
    view.getUint32(20, true) !== 0 ||
    number(24) !== wide.count ||
    !fits(narrow.count, wide.count, 0xffff) ||
    !fits(narrow.byteLength, wide.byteLength, 0xffffffff) ||
    !fits(narrow.offset, wide.offset, 0xffffffff)
  ) {
    throw brokenDirectory();
  }
  return { ...wide, end: offset };
}

function brokenDirectory(): VoxplainError {
  return damaged("its directory is broken");
}
