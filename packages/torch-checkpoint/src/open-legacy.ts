import { bytesPerElement, type RangeReader, VoxplainError } from "@voxplain/core";
import { lazyTensor } from "./lazy-tensor.ts";
import type { Checkpoint } from "./open-checkpoint.ts";
import { unpickle } from "./pickle.ts";
import { damaged, largestPickle } from "./pickle-limits.ts";
import type { StorageRef, TensorRef } from "./tensor-ref.ts";
import { toValue } from "./to-value.ts";
import { checkpointWorld } from "./world.ts";

/** The number every legacy file starts with, pickled as a long. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;

/**
 * The stream of torch before 1.6: five pickles (magic, protocol, system, value, storage keys), then
 * each storage as an int64 element count and its elements.
 */
export async function openLegacy(reader: RangeReader): Promise<Checkpoint> {
  const stream = pickleStream(reader);
  const storages = new Map<string, StorageRef>();
  const world = checkpointWorld(storages);
  if ((await stream.next(world)) !== legacyMagic) throw damaged("it does not start as a file of torch.save");
  const protocol = await stream.next(world);
  if (protocol !== 1001) {
    throw new VoxplainError(
      "unsupported",
      `it has the protocol ${String(protocol)} of torch.save, which is not known`,
    );
  }
  const system = await stream.next(world);
  const littleEndian = !(system instanceof Map) || system.get("little_endian") !== false;
  const value = await stream.next(world);
  const keys = await stream.next(world);
  if (!Array.isArray(keys)) throw damaged("its list of storages is missing");

  const places = new Map<string, number>();
  let at = stream.position();
  for (const key of keys.map(String)) {
    const storage = storages.get(key);
    if (storage === undefined || places.has(key))
      throw damaged(`its list of storages names "${key.slice(0, 40)}" wrongly`);
    const count = await readCount(reader, at, littleEndian);
    if (count !== storage.length)
      throw damaged(`its storage "${key.slice(0, 40)}" has ${count} values instead of ${storage.length}`);
    places.set(key, at + 8);
    at += 8 + count * bytesPerElement(storage.dtype);
    if (at > reader.byteLength) throw damaged(`it ends in the middle of the storage "${key.slice(0, 40)}"`);
  }
  const missing = [...storages.keys()].find((key) => !places.has(key));
  if (missing !== undefined) throw damaged(`its storage "${missing.slice(0, 40)}" is missing`);
  const tensorOf = (ref: TensorRef) =>
    lazyTensor(reader, ref, { offset: places.get(ref.storage.key)!, littleEndian });
  return { format: "legacy", root: toValue(value, tensorOf) };
}

async function readCount(reader: RangeReader, at: number, littleEndian: boolean): Promise<number> {
  if (at + 8 > reader.byteLength) throw damaged("it ends before its storages do");
  const bytes = await reader.read(at, 8);
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, littleEndian));
}

/**
 * Pickles one behind the other. How long one is is known only when it has been read: a window of the
 * file is tried and, where the pickle goes on behind it, a larger one.
 */
function pickleStream(reader: RangeReader) {
  let at = 0;
  let window = 2 ** 16;
  return {
    position: () => at,
    async next(world: Parameters<typeof unpickle>[1]): Promise<unknown> {
      for (;;) {
        const length = Math.min(window, reader.byteLength - at);
        const bytes = await reader.read(at, length);
        try {
          const { value, end } = unpickle(bytes, world);
          at += end;
          return value;
        } catch (error) {
          const all = at + length >= reader.byteLength;
          if (all || !(error instanceof VoxplainError) || error.code !== "invalid-file") throw error;
          if (window >= largestPickle) throw error;
          window *= 8;
        }
      }
    },
  };
}
