import { bytesPerElement, type RangeReader, VoxplainError } from "@voxplain/core";
import type { Checkpoint } from "./checkpoint.ts";
import { foreignArchive } from "./foreign-formats.ts";
import { lazyTensor } from "./lazy-tensor.ts";
import { unpickle } from "./pickle.ts";
import { damaged, largestPickle, shown } from "./pickle-limits.ts";
import { namedBytes } from "./storage-bytes.ts";
import type { StorageRef, TensorRef } from "./tensor-ref.ts";
import { toValue } from "./to-value.ts";
import { checkpointWorld } from "./world.ts";
import { readZipDirectory, type ZipEntry } from "./zip-directory.ts";
import { openRecord, type ZipRecord } from "./zip-record.ts";
import { windowsOf } from "./zip-windows.ts";

/** The container of torch 1.6 and later: <name>/data.pkl, and <name>/data/<key> for each storage. */
export async function openZip(reader: RangeReader, file: string): Promise<Checkpoint> {
  const entries = await readZipDirectory(reader);
  const pickleName = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  const foreign = foreignArchive(entries.keys());
  const prefix = pickleName?.slice(0, -"data.pkl".length);
  if (pickleName === undefined || entries.has(`${prefix}constants.pkl`)) {
    throw new VoxplainError(
      foreign === undefined ? "invalid-file" : "unsupported",
      "it is not a torch.save file",
      { found: foreign?.found ?? "a zip archive without data.pkl", hint: foreign?.hint },
    );
  }
  const records = await openRecords(reader, entries);
  const littleEndian = await isLittleEndian(records.get(`${prefix}byteorder`));
  const pickle = records.get(pickleName)!;
  if (pickle.byteLength > largestPickle) throw damaged("its pickle is too large");
  const storages = new Map<string, StorageRef>();
  const { value } = unpickle(await pickle.read(0, pickle.byteLength), checkpointWorld(storages));
  for (const { key, dtype, length } of storages.values()) {
    const record = records.get(`${prefix}data/${key}`);
    if (record === undefined) throw damaged(`its storage ${shown(key)} is missing`);
    if (record.byteLength < length * bytesPerElement(dtype))
      throw damaged(`its storage ${shown(key)} is too short`);
  }
  const tensorOf = (ref: TensorRef) =>
    lazyTensor(namedBytes(records.get(`${prefix}data/${ref.storage.key}`)!, file), ref, littleEndian);
  return { format: "zip", root: toValue(value, tensorOf) };
}

/** All of them, also what is never read: a name or header that was damaged may have been one that is looked for. */
async function openRecords(
  reader: RangeReader,
  entries: ReadonlyMap<string, ZipEntry>,
): Promise<ReadonlyMap<string, ZipRecord>> {
  // PyTorch can be set not to compute checksums (set_crc32_options): then all of them are 0.
  const hasChecksums = [...entries.values()].some(({ crc, byteLength }) => crc !== 0 && byteLength > 0);
  const records = new Map<string, ZipRecord>();
  const ordered = [...entries.values()].toSorted((a, b) => a.headerOffset - b.headerOffset);
  const windowAt = windowsOf(
    reader,
    ordered.map(({ headerOffset }) => headerOffset),
  );
  let first: ZipEntry | undefined;
  for (const entry of ordered) {
    const { name } = entry;
    const record = await openRecord(reader, entry, hasChecksums, await windowAt(entry.headerOffset));
    records.set(name, record);
    first ??= entry;
    const alike = record.padded === records.get(first.name)!.padded;
    // One writer writes the same for all of its records.
    if (!alike || (record.padded && entry.attributes !== first.attributes)) {
      throw damaged(`its records ${shown(first.name)} and ${shown(name)} were not written by one program`);
    }
  }
  return records;
}

/** torch 2.1 and later record the order of the bytes; before, all machines of note were little-endian. */
async function isLittleEndian(record: ZipRecord | undefined): Promise<boolean> {
  if (record === undefined) return true;
  const bytes = record.byteLength > 16 ? new Uint8Array() : await record.read(0, record.byteLength);
  const order = new TextDecoder().decode(bytes).trim();
  if (order !== "little" && order !== "big") throw damaged(`its byte order is unknown: ${shown(order)}`);
  return order === "little";
}
