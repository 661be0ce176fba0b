import { elementAt, VoxplainError } from "@voxplain/core";
import { type Checkpoint, type FoundStateDict, stateDict, stateDicts } from "@voxplain/torch-checkpoint";
import { misfits } from "./build-network.ts";
import type { ArchitectureSettings } from "./settings.ts";

/** Candidates of more would be no checkpoint of a network. */
const mostCandidates = 32;

/**
 * The state dict of a checkpoint that fits the network, below whatever key it was saved: "model" as ClinicaDL does,
 * "state_dict", "model_state_dict", or none. Where none fits, the one that comes nearest.
 * @throws VoxplainError `mismatch` naming the candidates when several fit; `invalid-file` when there is no dict of tensors.
 */
export function chooseWeights(
  checkpoint: Checkpoint,
  settings: ArchitectureSettings,
  inputDims: readonly number[],
): FoundStateDict {
  const candidates = stateDicts(checkpoint);
  // Says what there is instead.
  const [only, ...others] = candidates;
  if (only === undefined) return { keys: [], tensors: stateDict(checkpoint) };
  if (others.length === 0) return only;
  const judged = candidates
    .slice(0, mostCandidates)
    .map((candidate) => ({ candidate, count: misfits(settings, candidate.tensors, inputDims) }));
  const fitting = judged.filter(({ count }) => count === 0).map(({ candidate }) => candidate);
  if (fitting.length > 1) {
    const example = elementAt(fitting, 0)
      .keys.map((key) => `[${JSON.stringify(key)}]`)
      .join("");
    throw new VoxplainError(
      "mismatch",
      `the checkpoint holds ${fitting.length} state dicts that fit the network: ${fitting.map(place).join(", ")}`,
      { hint: `save the one to be explained alone: torch.save({"model": torch.load(path)${example}}, path)` },
    );
  }
  // The first of those with the fewest problems; of none, the first.
  return fitting[0] ?? judged.reduce((best, one) => (one.count < best.count ? one : best)).candidate;
}

function place({ keys }: FoundStateDict): string {
  return keys.length === 0 ? "the checkpoint itself" : keys.map((key) => JSON.stringify(key)).join(" > ");
}
