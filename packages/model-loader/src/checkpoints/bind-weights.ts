import { type LazyTensor, VoxplainError } from "@voxplain/core";
import { float32Weight } from "@voxplain/onnx-graph";
import type { DeclaredWeight } from "../architectures/network-builder.ts";

/** Weights by their key, as a checkpoint or a program gives them. */
export type StateDict = ReadonlyMap<string, LazyTensor>;

/** What keeps a state dict from being that of a network. */
export interface BindingProblems {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshapen: readonly Misshapen[];
}

export interface Misshapen {
  readonly key: string;
  readonly found: readonly number[];
  readonly expected: readonly number[];
}

/**
 * Names that PyTorch puts between those of modules: DataParallel and DistributedDataParallel, torch.compile, FSDP,
 * activation checkpointing. No layer here has such a name.
 */
const wrappers: ReadonlySet<string> = new Set([
  "module",
  "_orig_mod",
  "_fsdp_wrapped_module",
  "_checkpoint_wrapped_module",
]);

/** Counts of batches and of averaged models, of no use at inference. */
const counts = /(^|\.)(num_batches_tracked|n_averaged)$/;

/**
 * A state dict under the network's own keys: the names of wrappers are taken out, wherever they are and however they
 * are nested, and counts are left out.
 * @throws VoxplainError `mismatch` when two keys become one.
 */
export function plainKeys(stateDict: StateDict): StateDict {
  const plain = new Map<string, LazyTensor>();
  const origins = new Map<string, string>();
  for (const [key, weight] of stateDict) {
    if (counts.test(key)) continue;
    const name = key
      .split(".")
      .filter((part) => !wrappers.has(part))
      .join(".");
    const other = origins.get(name);
    if (other !== undefined) {
      throw new VoxplainError("mismatch", `the weights "${other}" and "${key}" would both be ${name}`);
    }
    origins.set(name, key);
    plain.set(name, weight);
  }
  return plain;
}

/** The state dict without the first part that all of its keys have in common ("net." of Lightning's modules). */
export function withoutCommonPrefix(stateDict: StateDict): StateDict | undefined {
  const [first = ""] = stateDict.keys();
  const prefix = first.slice(0, first.indexOf(".") + 1);
  if (prefix === "" || ![...stateDict.keys()].every((key) => key.startsWith(prefix))) return undefined;
  return new Map([...stateDict].map(([key, weight]) => [key.slice(prefix.length), weight]));
}

/** Whether two state dicts have the same numbers under the same keys. Reads them up to the first that differs. */
export async function sameWeights(a: StateDict, b: StateDict): Promise<boolean> {
  if (a.size !== b.size) return false;
  for (const [key, weight] of a) {
    const other = b.get(key);
    if (other === undefined || other.dims.join() !== weight.dims.join()) return false;
    if (other === weight) continue;
    const [values, others] = [(await weight.read()).data, (await other.read()).data];
    for (let k = 0; k < values.length; k++) if (values[k] !== others[k]) return false;
  }
  return true;
}

/** Compares what an architecture declares with what there is. */
export function bindingProblems(
  declared: ReadonlyMap<string, DeclaredWeight>,
  stateDict: StateDict,
): BindingProblems {
  const misshapen: Misshapen[] = [];
  const missing: string[] = [];
  for (const [key, { dims: expected }] of declared) {
    const found = stateDict.get(key)?.dims;
    if (found === undefined) missing.push(key);
    else if (found.join() !== expected.join()) misshapen.push({ key, found, expected });
  }
  return { missing, misshapen, unexpected: [...stateDict.keys()].filter((key) => !declared.has(key)) };
}

/** Whether nothing keeps them from fitting. */
export function isSound({ missing, unexpected, misshapen }: BindingProblems): boolean {
  return missing.length + unexpected.length + misshapen.length === 0;
}

/** The declared weights that the graph uses, in float32. Call it when `bindingProblems` finds none. */
export function bindWeights(
  declared: ReadonlyMap<string, DeclaredWeight>,
  stateDict: StateDict,
): ReadonlyMap<string, LazyTensor> {
  const bound = new Map<string, LazyTensor>();
  for (const [key, { used }] of declared) {
    if (used) bound.set(key, float32Weight(key, stateDict.get(key)!));
  }
  return bound;
}

/** @throws VoxplainError `mismatch` naming every entry that does not fit. */
export function refuseWeights(
  problems: BindingProblems,
  architecture: string,
  hint: string | undefined,
): never {
  const { missing, unexpected, misshapen } = problems;
  const shape = (dims: readonly number[]) => `[${dims.join(", ")}]`;
  const parts = [
    ...list("missing", missing),
    ...list("unexpected", unexpected),
    ...list(
      "wrong shape",
      misshapen.map(({ key, found, expected }) => `${key} ${shape(found)} in place of ${shape(expected)}`),
    ),
  ];
  throw new VoxplainError("mismatch", `the weights do not fit ${architecture}: ${parts.join("; ")}`, {
    hint,
  });
}

/** Enough to see the pattern, and never a wall of text. */
const mostNamed = 12;

function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > mostNamed ? ` and ${items.length - mostNamed} more` : "";
  return [`${title}: ${items.slice(0, mostNamed).join(", ")}${more}`];
}
