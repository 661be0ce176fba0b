import type { LazyTensor } from "@voxplain/core";
import { isNumpyArray } from "./numpy-array.ts";
import { damaged, deepestNesting } from "./pickle-limits.ts";
import { isTensorRef, type TensorRef } from "./tensor-ref.ts";
import type { CheckpointValue } from "./values.ts";

/**
 * What the pickle machine made, as values for the caller: references become lazy tensors, and what
 * has no meaning outside Python (a class, a dtype) its name. A value that holds itself is refused.
 */
export function toValue(value: unknown, tensorOf: (ref: TensorRef) => LazyTensor): CheckpointValue {
  const done = new Map<object, CheckpointValue>();
  const open = new Set<object>();

  function convert(item: unknown, depth: number): CheckpointValue {
    if (item === null || typeof item !== "object") return primitive(item);
    const known = done.get(item);
    if (known !== undefined) return known;
    if (open.has(item)) throw damaged("a value in it holds itself");
    if (depth > deepestNesting) throw damaged(`its values are nested more than ${deepestNesting} deep`);
    open.add(item);
    const converted = convertObject(item, depth + 1);
    open.delete(item);
    done.set(item, converted);
    return converted;
  }

  function convertObject(item: object, depth: number): CheckpointValue {
    if (isTensorRef(item)) return tensorOf(item);
    // A copy, or a few bytes would hold the whole pickle in memory.
    if (item instanceof Uint8Array) return new Uint8Array(item);
    if (Array.isArray(item)) return item.map((element) => convert(element, depth));
    if (item instanceof Map) {
      return new Map([...item].map(([key, element]) => [convert(key, depth), convert(element, depth)]));
    }
    if (isNumpyArray(item)) {
      if (item.value === undefined) throw damaged("a numpy array in it has no content");
      return { numpy: item.value };
    }
    if ("callable" in item) return String(item.callable);
    return "dtype" in item ? String(item.dtype) : "storage" in item ? String(item.storage) : null;
  }

  return convert(value, 0);
}

function primitive(value: unknown): CheckpointValue {
  return typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean" ||
    typeof value === "bigint"
    ? value
    : null;
}
