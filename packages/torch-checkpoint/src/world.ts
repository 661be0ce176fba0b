import { VoxplainError } from "@voxplain/core";
import { globalOf, isCallable, isStorageType } from "./globals.ts";
import { isArray, isDtype, setArrayState, setDtypeState } from "./numpy.ts";
import type { PickleWorld } from "./pickle.ts";
import { damaged } from "./pickle-limits.ts";
import type { StorageRef } from "./tensor-ref.ts";

/** Values that calls may copy; without a limit a few bytes could copy a long list again and again. */
const mostCopied = 2 ** 24;

/**
 * The world of a checkpoint's pickle: a closed list of names, and storages. The storages that
 * are met are collected by their keys.
 */
export function checkpointWorld(storages: Map<string, StorageRef>): PickleWorld {
  let copied = 0;
  return {
    global: globalOf,
    call(callable, args) {
      for (const argument of args) {
        if (Array.isArray(argument)) copied += argument.length;
        else if (argument instanceof Map) copied += argument.size;
      }
      if (copied > mostCopied) throw damaged("its pickle copies without end");
      if (isCallable(callable)) return callable.call(args);
      throw new VoxplainError(
        "unsafe-file",
        "its pickle calls something that is no function; nothing was executed",
      );
    },
    setState(object, state) {
      if (isDtype(object)) setDtypeState(object, state);
      else if (isArray(object)) setArrayState(object, state);
      // An OrderedDict's attributes (_metadata of a state dict) say nothing about its values.
      else if (!(object instanceof Map)) throw damaged("its pickle gives a state to what has none");
    },
    persistent: (id) => storageOf(id, storages),
  };
}

/**
 * ("storage", type, key, location, length[, view]), where a view is (key, offset, length) into the
 * storage. The location ("cuda:0") does not matter: everything is read to memory.
 */
function storageOf(id: unknown, storages: Map<string, StorageRef>): StorageRef {
  if (!Array.isArray(id) || id[0] !== "storage" || !isStorageType(id[1]))
    throw damaged("a storage in it is none");
  const [, type, key, , length, view] = id;
  const name = String(key);
  if (!Number.isSafeInteger(length) || length < 0)
    throw damaged(`the storage ${name.slice(0, 40)} has an odd length`);
  const whole: StorageRef = { kind: "storage", key: name, dtype: type.storage, length, offset: 0 };
  const known = storages.get(name);
  if (known !== undefined && (known.dtype !== whole.dtype || known.length !== whole.length)) {
    throw damaged(`the storage ${name.slice(0, 40)} has two types or lengths`);
  }
  storages.set(name, whole);
  if (!Array.isArray(view)) return whole;
  const [, offset, viewLength] = view;
  if (
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(viewLength) ||
    offset < 0 ||
    offset + viewLength > length
  ) {
    throw damaged(`a part of the storage ${name.slice(0, 40)} reaches beyond it`);
  }
  return { ...whole, offset, length: viewLength };
}
