import { bytesPerElement, type RangeReader, VoxplainError } from "@voxplain/core";
import type { Checkpoint } from "./checkpoint.ts";
import { lazyTensor } from "./lazy-tensor.ts";
import { endedEarly, type PickleWorld, unpickle } from "./pickle.ts";
import { damaged, largestPickle, shown } from "./pickle-limits.ts";
import { plainBytes, type StorageBytes } from "./storage-bytes.ts";
import type { StorageRef, TensorRef } from "./tensor-ref.ts";
import { toValue } from "./to-value.ts";
import { checkpointWorld, storageKey } from "./world.ts";

/** The number every legacy file starts with, pickled as a long. */
export const legacyMagic = 0x1950a86a20f9469cfc6cn;

/**
 * The stream of torch before 1.6: five pickles (magic, protocol, system, value, storage keys), then
 * each storage as an int64 element count and its elements. Big-endian machines turn the elements, so
 * that they are little-endian in every file, and since torch 1.6 the count too.
 * Source: torch/csrc/serialization.cpp, THPStorage_writeFileRaw.
 */
export async function openLegacy(reader: RangeReader): Promise<Checkpoint> {
  const stream = pickleStream(reader);
  const storages = new Map<string, StorageRef>();
  const world = checkpointWorld(storages);
  if ((await stream.next(world)) !== legacyMagic) {
    throw new VoxplainError(
      "invalid-file",
      "it is not a torch.save file: it is a plain pickle (pickle.dump, joblib), or damaged",
    );
  }
  const protocol = await stream.next(world);
  if (protocol !== 1001) {
    throw new VoxplainError("unsupported", "its torch.save protocol is unknown", {
      expected: "1001",
      found: shown(protocol),
    });
  }
  const system = await stream.next(world);
  const bigEndian = system instanceof Map && system.get("little_endian") === false;
  const value = await stream.next(world);
  const keys = await stream.next(world);
  if (!Array.isArray(keys)) throw damaged("its list of storages is missing");

  const places = new Map<string, StorageBytes>();
  let at = stream.position();
  for (const key of keys.map(storageKey)) {
    const storage = storages.get(key);
    if (storage === undefined || places.has(key))
      throw damaged(`its list of storages refers to ${shown(key)} in a malformed way`);
    const { length } = storage;
    const counts = await readCount(reader, at);
    if (counts.little !== length && !(bigEndian && counts.big === length))
      throw damaged(`its storage ${shown(key)} has ${counts.little} values instead of ${length}`);
    const byteLength = length * bytesPerElement(storage.dtype);
    places.set(key, plainBytes(reader, at + 8, byteLength));
    at += 8 + byteLength;
    if (at > reader.byteLength) throw damaged(`it ends in the middle of the storage ${shown(key)}`);
  }
  const missing = [...storages.keys()].find((key) => !places.has(key));
  if (missing !== undefined) throw damaged(`its storage ${shown(missing)} is missing`);
  const tensorOf = (ref: TensorRef) => lazyTensor(places.get(ref.storage.key)!, ref, true);
  return { format: "legacy", root: toValue(value, tensorOf) };
}

async function readCount(reader: RangeReader, at: number): Promise<{ little: number; big: number }> {
  if (at + 8 > reader.byteLength) throw damaged("it ends before its storages do");
  const bytes = await reader.read(at, 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return { little: Number(view.getBigInt64(0, true)), big: Number(view.getBigInt64(0, false)) };
}

/**
 * Pickles one behind the other. How long one is is known only when it has been read: a window of the
 * file is tried and, where the pickle goes on behind it, a larger one.
 */
function pickleStream(reader: RangeReader) {
  let at = 0;
  return {
    position: () => at,
    async next(world: PickleWorld): Promise<unknown> {
      for (let window = 2 ** 16; ; window *= 8) {
        const length = Math.min(window, reader.byteLength - at);
        const bytes = await reader.read(at, length);
        try {
          const { value, end } = unpickle(bytes, world);
          at += end;
          return value;
        } catch (error) {
          const all = at + length >= reader.byteLength;
          if (all || !endedEarly(error) || window >= largestPickle) throw error;
        }
      }
    },
  };
}
