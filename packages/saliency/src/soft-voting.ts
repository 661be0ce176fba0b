import { elementAt, VoxplainError } from "@voxplain/core";

/** What parts of an image say together. */
export interface Vote {
  /** One per class. */
  readonly probabilities: readonly number[];
  /** The most probable class; the first one wins a tie. */
  readonly predictedClass: number;
}

/** The weight of each part by its ID; they add up to 1. */
export type VotingWeights = ReadonlyMap<number, number>;

/**
 * Weights of soft voting as ClinicaDL 0.2 gives them: of each part the number of right predictions on
 * the validation set, over the sum of these numbers.
 * @param selectionThreshold - Parts with fewer right predictions get the weight 0.
 * @throws VoxplainError `invalid-argument` when every weight would be 0.
 */
export function votingWeights(
  validation: Iterable<{ readonly partId: number; readonly correct: boolean }>,
  { selectionThreshold = 0 }: { readonly selectionThreshold?: number } = {},
): VotingWeights {
  const right = new Map<number, number>();
  for (const { partId, correct } of validation) {
    right.set(partId, (right.get(partId) ?? 0) + (correct ? 1 : 0));
  }
  const counts = [...right].map(([id, count]) => [id, count < selectionThreshold ? 0 : count] as const);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) {
    const best = Math.max(0, ...right.values());
    throw new VoxplainError(
      "invalid-argument",
      right.size === 0
        ? "there are no validation predictions to weigh the parts with"
        : `no part may vote: none was right more often than ${best} times on the validation set` +
            (selectionThreshold > 0 ? `, and the selection threshold is ${selectionThreshold}` : ""),
    );
  }
  return new Map(counts.map(([id, count]) => [id, count / total]));
}

/** The same weight for each of these parts. */
export function uniformWeights(partIds: readonly number[]): VotingWeights {
  return new Map(partIds.map((id) => [id, 1 / partIds.length]));
}

/**
 * Soft voting: the weighted mean of the parts' probabilities, in float64. A part without a weight does
 * not vote.
 * @throws VoxplainError `mismatch` naming a part that has a weight and gives no probabilities.
 */
export function softVote(
  parts: readonly { readonly partId: number; readonly probabilities: readonly number[] }[],
  weights: VotingWeights,
): Vote {
  const there = new Set(parts.map(({ partId }) => partId));
  const missing = [...weights].find(([id, weight]) => weight > 0 && !there.has(id));
  if (missing !== undefined || parts.length === 0) {
    throw new VoxplainError(
      "mismatch",
      `part ${missing?.[0]} has a weight in the vote, but the image has no such part; ` +
        `its parts are ${[...there].slice(0, 5).join(", ")}${there.size > 5 ? ", …" : ""}`,
    );
  }
  const probabilities = new Array<number>(elementAt(parts, 0).probabilities.length).fill(0);
  for (const part of parts) {
    const weight = weights.get(part.partId) ?? 0;
    for (const [k, probability] of part.probabilities.entries())
      probabilities[k] = elementAt(probabilities, k) + weight * probability;
  }
  return { probabilities, predictedClass: probabilities.indexOf(Math.max(...probabilities)) };
}
