import { VoxplainError } from "@voxplain/core";
import { globalOf, isCallable, isStorageType } from "./globals.ts";
import { isNumpyArray, setArrayState } from "./numpy-array.ts";
import { isNumpyDtype, setDtypeState } from "./numpy-dtype.ts";
import type { PickleWorld } from "./pickle.ts";
import { damaged, mostCopied, shown } from "./pickle-limits.ts";
import type { StorageRef } from "./tensor-ref.ts";

/**
 * The world of a checkpoint's pickle: a closed list of names, and storages. The storages that
 * are met are collected by their keys.
 */
export function checkpointWorld(storages: Map<string, StorageRef>): PickleWorld {
  let copied = 0;
  const spend = (values: readonly unknown[]) => {
    for (const value of values) copied += bytesToCopy(value);
    if (copied > mostCopied) throw damaged("its pickle copies more data than any checkpoint needs");
  };
  return {
    global: globalOf,
    call(callable, args) {
      spend(args);
      if (isCallable(callable)) return callable.call(args);
      throw new VoxplainError(
        "unsafe-file",
        `its pickle calls ${shown(callable)}, which is not an allowed function; nothing was executed`,
      );
    },
    setState(object, state) {
      if (Array.isArray(state)) spend(state);
      if (isNumpyDtype(object)) setDtypeState(object, state);
      else if (isNumpyArray(object)) setArrayState(object, state);
      // An OrderedDict's attributes (_metadata of a state dict) say nothing about its values.
      else if (!(object instanceof Map)) throw damaged("malformed pickle: BUILD on an object without state");
    },
    persistent: (id) => storageOf(id, storages),
  };
}

/** Approximate bytes of a copy of the value; values nested in it are not copied with it. */
function bytesToCopy(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (value instanceof Uint8Array) return value.byteLength;
  if (value instanceof Map) return 64 * value.size;
  return Array.isArray(value) ? 16 * value.length : 0;
}

/**
 * ("storage", type, key, location, length[, view]), where a view is (key, offset, length) into the
 * storage. The location ("cuda:0") does not matter: everything is read to memory.
 */
function storageOf(id: unknown, storages: Map<string, StorageRef>): StorageRef {
  if (!Array.isArray(id) || id[0] !== "storage" || !isStorageType(id[1]))
    throw damaged("malformed storage reference");
  const [, type, key, , length, view] = id;
  const name = storageKey(key);
  if (!Number.isSafeInteger(length) || length < 0)
    throw damaged(`the storage ${shown(name)} has an invalid length`);
  const whole: StorageRef = { kind: "storage", key: name, dtype: type.storage, length, offset: 0 };
  const known = storages.get(name);
  if (known !== undefined && (known.dtype !== whole.dtype || known.length !== whole.length)) {
    throw damaged(`the storage ${shown(name)} has two types or lengths`);
  }
  storages.set(name, whole);
  if (!Array.isArray(view)) return whole;
  const [, offset, viewLength] = view;
  if (
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(viewLength) ||
    offset < 0 ||
    viewLength < 0 ||
    offset + viewLength > length
  ) {
    throw damaged(`a part of the storage ${shown(name)} reaches beyond it`);
  }
  return { ...whole, offset, length: viewLength };
}

/** The name of a storage: a text, in some old files a number. */
export function storageKey(key: unknown): string {
  if (typeof key !== "string" && typeof key !== "number")
    throw damaged(`a storage in it has the invalid name ${shown(key)}`);
  return String(key);
}
