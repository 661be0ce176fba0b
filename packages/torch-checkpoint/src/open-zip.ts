import { bytesPerElement, type RangeReader, VoxplainError } from "@voxplain/core";
import { lazyTensor } from "./lazy-tensor.ts";
import type { Checkpoint } from "./open-checkpoint.ts";
import { unpickle } from "./pickle.ts";
import { damaged, largestPickle, shown } from "./pickle-limits.ts";
import type { StorageRef, TensorRef } from "./tensor-ref.ts";
import { toValue } from "./to-value.ts";
import { checkpointWorld } from "./world.ts";
import { locateEntry, type RawEntry, readZipDirectory, type ZipEntry } from "./zip.ts";

/** The container of torch 1.6 and later: <name>/data.pkl, and <name>/data/<key> for each storage. */
export async function openZip(reader: RangeReader): Promise<Checkpoint> {
  const entries = await readZipDirectory(reader);
  const pickleName = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) {
    throw new VoxplainError("invalid-file", "it is a zip archive, but not of torch.save: it has no data.pkl");
  }
  const prefix = pickleName.slice(0, -"data.pkl".length);
  if (entries.has(`${prefix}constants.pkl`)) {
    throw new VoxplainError(
      "unsupported",
      "it is a TorchScript archive (torch.jit.save); save the network's state_dict with torch.save, or export it to ONNX",
    );
  }
  const littleEndian = await isLittleEndian(reader, entries.get(`${prefix}byteorder`));
  const pickle = await locateEntry(reader, entries.get(pickleName)!);
  if (pickle.byteLength > largestPickle) throw damaged("its pickle is absurdly large");
  const storages = new Map<string, StorageRef>();
  const { value } = unpickle(await reader.read(pickle.offset, pickle.byteLength), checkpointWorld(storages));
  const places = new Map<string, ZipEntry>();
  for (const { key, dtype, length } of storages.values()) {
    const entry = entries.get(`${prefix}data/${key}`);
    if (entry === undefined) throw damaged(`its storage ${shown(key)} is missing`);
    const place = await locateEntry(reader, entry);
    if (place.byteLength < length * bytesPerElement(dtype))
      throw damaged(`its storage ${shown(key)} is too short`);
    places.set(key, place);
  }
  const tensorOf = (ref: TensorRef) =>
    lazyTensor(reader, ref, { offset: places.get(ref.storage.key)!.offset, littleEndian });
  return { format: "zip", root: toValue(value, tensorOf) };
}

/** torch 2.1 and later record the order of the bytes; before, all machines of note were little-endian. */
async function isLittleEndian(reader: RangeReader, entry: RawEntry | undefined): Promise<boolean> {
  if (entry === undefined) return true;
  const { offset, byteLength } = await locateEntry(reader, entry);
  const order = new TextDecoder().decode(await reader.read(offset, Math.min(byteLength, 16))).trim();
  if (order !== "little" && order !== "big") throw damaged(`its byte order is ${shown(order)}`);
  return order === "little";
}
