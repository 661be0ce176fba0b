import { type ErrorFields, type LazyTensor, VoxplainError } from "@voxplain/core";
import type { Checkpoint } from "./checkpoint.ts";
import { shown } from "./pickle-limits.ts";
import type { CheckpointArray, CheckpointValue } from "./values.ts";

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
    throw new VoxplainError("not-found", `the checkpoint has no entry "${key}"`, { found: keysOf(root) });
  }
  const tensors = new Map<string, LazyTensor>();
  if (dict instanceof Map) {
    for (const [name, value] of dict)
      if (typeof name === "string" && isTensor(value)) tensors.set(name, value);
  }
  if (tensors.size > 0) return tensors;
  throw new VoxplainError(
    "invalid-file",
    `${key === undefined ? "the checkpoint itself" : `the entry "${key}" of the checkpoint`} holds no named tensors`,
    { ...(dict instanceof Map && { found: keysOf(dict) }) },
  );
}

/** A dict of tensors somewhere in a checkpoint. */
export interface FoundStateDict {
  /** The keys that lead to it, outermost first; none where the checkpoint itself is the dict. */
  readonly keys: readonly string[];
  /** Its tensors by name, in their order. */
  readonly tensors: ReadonlyMap<string, LazyTensor>;
}

/** Dicts in dicts that are looked through: {"checkpoint": {"model": {"state_dict": …}}}, and no deeper. */
const deepestDict = 3;
const mostDicts = 1000;
/** They hold averages of the weights under the weights' numbers or names. */
const notNetworks = /optim|sched|scaler/i;

/**
 * Every dict of named tensors of a checkpoint, but for those of optimizers: the checkpoint itself, and what is below
 * "model", "state_dict" or any other key. A dict that is there twice counts once.
 */
export function stateDicts({ root }: Checkpoint): readonly FoundStateDict[] {
  const found: FoundStateDict[] = [];
  const seen = new Set<CheckpointValue>();
  const look = (value: CheckpointValue, keys: readonly string[]): void => {
    if (!(value instanceof Map) || seen.has(value) || seen.size >= mostDicts) return;
    seen.add(value);
    const tensors = new Map<string, LazyTensor>();
    for (const [name, item] of value) if (typeof name === "string" && isTensor(item)) tensors.set(name, item);
    if (tensors.size > 0) found.push({ keys, tensors });
    if (keys.length === deepestDict) return;
    for (const [name, item] of value) {
      if (typeof name === "string" && !notNetworks.test(name)) look(item, [...keys, name]);
    }
  };
  look(root, []);
  return found;
}

/** The first keys of a dict, for a message. */
function keysOf(dict: ReadonlyMap<CheckpointValue, CheckpointValue>): string {
  const names = [...dict.keys()].slice(0, 20).map(shown);
  return `${names.join(", ") || "none"}${dict.size > names.length ? ", …" : ""}`;
}

/** The tensor of a file that holds one tensor. @throws VoxplainError `invalid-file` saying what it holds instead. */
export function rootTensor({ root }: Checkpoint): LazyTensor {
  if (isTensor(root)) return root;
  throw new VoxplainError("invalid-file", "it does not hold one tensor", describe(root));
}

/** What a file holds in place of a tensor, and how a tensor of it is saved. */
function describe(value: CheckpointValue): Pick<ErrorFields, "found" | "hint"> {
  if (value instanceof Map) {
    const entries = [...value].slice(0, mostDescribed).map(([key, item]) => `${shown(key)} (${brief(item)})`);
    const more = value.size > entries.length ? `, and ${value.size - entries.length} more` : "";
    const found = value.size === 0 ? "an empty dict" : `a dict: ${entries.join(", ")}${more}`;
    const [first, ...others] = [...value].filter(([, item]) => isTensor(item)).map(([key]) => key);
    if (first === undefined) return { found };
    return [first, ...others].every((key) => typeof key === "string" && key.includes(".")) &&
      others.length > 0
      ? { found, hint: "these are the weights of a network, not an image" }
      : { found, hint: `save the tensor alone: torch.save(torch.load(path)[${shown(first)}], path)` };
  }
  if (Array.isArray(value)) {
    const items = value.slice(0, mostDescribed).map(brief);
    const found = `a list of ${value.length}${items.length > 0 ? `: ${items.join(", ")}` : ""}`;
    const first = value.findIndex(isTensor);
    if (first < 0) return { found };
    return { found, hint: `save one tensor alone: torch.save(torch.load(path)[${first}], path)` };
  }
  return {
    found: brief(value),
    ...(isArray(value) && { hint: "save it with torch.save(torch.from_numpy(array), path)" }),
  };
}

const mostDescribed = 6;

function brief(value: CheckpointValue): string {
  if (isTensor(value)) return `a ${value.dtype} tensor of shape [${value.dims.join(", ")}]`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isArray(value)) return `a numpy array of shape [${value.numpy.dims.join(", ")}]`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return value === null ? "None" : typeof value === "string" ? `the text ${shown(value)}` : String(value);
}

function isArray(value: CheckpointValue): value is CheckpointArray {
  return typeof value === "object" && value !== null && "numpy" in value;
}
