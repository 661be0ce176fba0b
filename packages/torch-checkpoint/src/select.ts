import { type LazyTensor, VoxplainError } from "@voxplain/core";
import type { Checkpoint } from "./open-checkpoint.ts";
import { shown } from "./pickle-limits.ts";
import type { CheckpointValue } from "./values.ts";

/** Whether a value is a tensor, not yet read. */
export function isTensor(value: CheckpointValue | undefined): value is LazyTensor {
  return typeof value === "object" && value !== null && "chunks" in value;
}

/**
 * The tensors of a state dict by name, in their order: those of the file's dict itself, or of the
 * dict below `key`. Entries that are no tensors are left out.
 * @throws VoxplainError `not-found` listing the keys there are, `invalid-file` where there is no dict of tensors.
 */
export function stateDict({ root }: Checkpoint, key?: string): ReadonlyMap<string, LazyTensor> {
  if (!(root instanceof Map)) throw new VoxplainError("invalid-file", "the checkpoint holds no dict");
  const dict = key === undefined ? root : root.get(key);
  if (dict === undefined) {
    throw new VoxplainError("not-found", `the checkpoint has no entry "${key}": it has ${keysOf(root)}`);
  }
  const tensors = new Map<string, LazyTensor>();
  if (dict instanceof Map) {
    for (const [name, value] of dict)
      if (typeof name === "string" && isTensor(value)) tensors.set(name, value);
  }
  if (tensors.size > 0) return tensors;
  throw new VoxplainError(
    "invalid-file",
    `${key === undefined ? "the checkpoint itself" : `the entry "${key}" of the checkpoint`} holds no named tensors` +
      (dict instanceof Map ? `: its entries are ${keysOf(dict)}` : ""),
  );
}

/** The first keys of a dict, for a message. */
function keysOf(dict: ReadonlyMap<CheckpointValue, CheckpointValue>): string {
  const names = [...dict.keys()].slice(0, 20).map(shown);
  return `${names.join(", ") || "none"}${dict.size > names.length ? ", …" : ""}`;
}

/** The tensor of a file that holds one tensor. @throws VoxplainError `invalid-file` when it holds something else. */
export function rootTensor({ root }: Checkpoint): LazyTensor {
  if (isTensor(root)) return root;
  const kind = root instanceof Map ? "a dict" : Array.isArray(root) ? "a list" : `a ${typeof root}`;
  throw new VoxplainError("invalid-file", `it should hold one tensor, but holds ${kind}`);
}
