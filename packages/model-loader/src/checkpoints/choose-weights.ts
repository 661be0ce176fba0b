import { type LazyTensor, VoxplainError } from "@voxplain/core";
import { type Checkpoint, type FoundStateDict, stateDict, stateDicts } from "@voxplain/torch-checkpoint";
import type { ArchitectureSettings } from "../settings/settings.ts";
import { plainKeys, type StateDict, sameWeights } from "./bind-weights.ts";
import { type Fit, fitOf } from "./build-network.ts";

/** Candidates of more would be no checkpoint of a network. */
const mostCandidates = 200;
/** Modules in modules that are looked through: `model.net.backbone.…`. */
const deepestModule = 4;
/** How the checkpoint itself is named among what is below its keys. */
const itself = ".";

interface Candidate extends FoundStateDict {
  readonly fit: Fit;
}

/**
 * The state dict of a checkpoint that fits the network, below whatever key it was saved: "model" as ClinicaDL does,
 * "state_dict", "model_state_dict", or none; or below the name of a module of a larger one, such as a Lightning module with
 * its loss. Where none fits, the one that comes nearest.
 * @param weightsKey - Looks below this key alone: keys and names of modules with dots between them, "state_dict.ema_model".
 * @throws VoxplainError `mismatch` naming the candidates when several fit and differ; `not-found` when nothing is below the
 * key; `invalid-file` when there is no dict of tensors.
 */
export async function chooseWeights(
  checkpoint: Checkpoint,
  settings: ArchitectureSettings,
  inputDims: readonly number[],
  weightsKey?: string,
): Promise<FoundStateDict> {
  const found = stateDicts(checkpoint);
  // Says what there is instead.
  if (found.length === 0) return { keys: [], tensors: stateDict(checkpoint) };
  const dicts = weightsKey === undefined ? found : below(weightsKey, found);
  const judged = dicts.map((dict) => ({ ...dict, fit: fitOf(settings, dict.tensors, inputDims) }));
  const fitting: Candidate[] = [];
  let looked = judged.length;
  const look = (candidate: Candidate, depth: number): void => {
    if (candidate.fit.misfits === 0) fitting.push(candidate);
    else if (depth < deepestModule) {
      for (const part of modulesOf(candidate)) {
        if (++looked > mostCandidates) return;
        look({ ...part, fit: fitOf(settings, part.tensors, inputDims) }, depth + 1);
      }
    }
  };
  for (const candidate of judged) look(candidate, 0);
  const [chosen, ...others] = await different(fitting);
  if (chosen !== undefined && others.length > 0) throw ambiguous([chosen, ...others]);
  // The first of those with the fewest problems; of none, the first.
  const nearest = () => judged.reduce((best, one) => (one.fit.misfits < best.fit.misfits ? one : best));
  const { keys, tensors } = chosen ?? nearest();
  return { keys, tensors };
}

/** What has names below each module of a state dict: "net." and "criterion." of a Lightning module. */
function modulesOf({ keys, tensors }: FoundStateDict): readonly FoundStateDict[] {
  const modules = new Map<string, Map<string, LazyTensor>>();
  for (const [key, weight] of withoutWrappers(tensors)) {
    const end = key.indexOf(".");
    if (end < 0) continue;
    const name = key.slice(0, end);
    const weights = modules.get(name) ?? new Map<string, LazyTensor>();
    modules.set(name, weights.set(key.slice(end + 1), weight));
  }
  // A module of one or two weights is no network.
  return [...modules]
    .filter(([, weights]) => weights.size > 2)
    .map(([name, weights]) => ({ keys: [...keys, name], tensors: weights }));
}

/** As it is where two keys would become one. */
function withoutWrappers(tensors: StateDict): StateDict {
  try {
    return plainKeys(tensors);
  } catch {
    return tensors;
  }
}

/** The outermost dicts and modules below a key. */
function below(weightsKey: string, found: readonly FoundStateDict[]): readonly FoundStateDict[] {
  const wanted = found
    .flatMap((dict) => withModules(dict, 0))
    .filter(({ keys }) => place(keys) === weightsKey || place(keys).startsWith(`${weightsKey}.`));
  const outermost = Math.min(...wanted.map(({ keys }) => keys.length));
  if (wanted.length > 0) return wanted.filter(({ keys }) => keys.length === outermost);
  throw new VoxplainError("not-found", `the checkpoint has no weights below "${weightsKey}"`, {
    found: found.map(({ keys }) => place(keys)).join(", "),
  });
}

function withModules(dict: FoundStateDict, depth: number): readonly FoundStateDict[] {
  if (depth === deepestModule) return [dict];
  return [dict, ...modulesOf(dict).flatMap((part) => withModules(part, depth + 1))];
}

/** One of each that has the same weights, the first. */
async function different(fitting: readonly Candidate[]): Promise<readonly Candidate[]> {
  const kept: Candidate[] = [];
  for (const candidate of fitting) {
    let isKnown = false;
    for (const other of kept) isKnown ||= await sameWeights(other.fit.weights, candidate.fit.weights);
    if (!isKnown) kept.push(candidate);
  }
  return kept;
}

function ambiguous(fitting: readonly Candidate[]): VoxplainError {
  const places = fitting.map(({ keys }) => place(keys));
  return new VoxplainError(
    "mismatch",
    `the checkpoint holds ${fitting.length} state dicts that fit the network and differ: ${places.join(", ")}`,
    { hint: `choose one of them by its key (--weights_key ${places.at(-1)})` },
  );
}

function place(keys: readonly string[]): string {
  return keys.length === 0 ? itself : keys.join(".");
}
