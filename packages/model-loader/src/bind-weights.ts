import { type LazyTensor, VoxplainError } from "@voxplain/core";
import { float32Weight } from "@voxplain/onnx-graph";
import type { DeclaredWeight } from "./network-builder.ts";

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

const parallelPrefix = "module.";

/**
 * A state dict under the network's own keys: DataParallel's prefix is taken off, and BatchNorm's
 * count of batches, of no use at inference, is left out.
 */
export function plainKeys(stateDict: StateDict): StateDict {
  const parallel = [...stateDict.keys()].every((key) => key.startsWith(parallelPrefix));
  const plain = new Map<string, LazyTensor>();
  for (const [key, weight] of stateDict) {
    if (!key.endsWith(".num_batches_tracked"))
      plain.set(parallel ? key.slice(parallelPrefix.length) : key, weight);
  }
  return plain;
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
  hints: readonly string[],
): never {
  const { missing, unexpected, misshapen } = problems;
  const shape = (dims: readonly number[]) => `[${dims.join(", ")}]`;
  const parts = [
    ...list("missing", missing),
    ...list("unexpected", unexpected),
    ...list(
      "of another shape",
      misshapen.map(({ key, found, expected }) => `${key} ${shape(found)} instead of ${shape(expected)}`),
    ),
  ];
  const text = [`the weights are not those of ${architecture}: ${parts.join("; ")}`, ...hints].join(". ");
  throw new VoxplainError("mismatch", text);
}

/** Enough to see the pattern, and never a wall of text. */
const mostNamed = 12;

function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > mostNamed ? ` and ${items.length - mostNamed} more` : "";
  return [`${title}: ${items.slice(0, mostNamed).join(", ")}${more}`];
}
