import { elementAt, VoxplainError } from "@voxplain/core";

/** The vote of the parts of an image. */
export interface Vote {
  /** One per class. */
  readonly probabilities: readonly number[];
  /** The most probable class; the first one wins a tie. */
  readonly predictedClass: number;
}

/** The weight of each part by its ID; they add up to 1. */
export type VotingWeights = ReadonlyMap<number, number>;

/** How the votes of parts are weighed. */
export interface VotingOptions {
  /** Parts below it get the weight 0. Default: 0. */
  readonly selectionThreshold?: number;
  /**
   * How good a part is: by the number of its right predictions, as in ClinicaDL 0.2 (default), or by their share among its
   * predictions, as in ClinicaDL 1.x. The threshold is compared with that.
   */
  readonly weighedBy?: "count" | "accuracy";
}

/**
 * Weights of soft voting as ClinicaDL gives them: how good each part is on the validation set, over the sum over the parts.
 * @throws VoxplainError `invalid-argument` when every weight would be 0.
 */
export function votingWeights(
  validation: Iterable<{ readonly partId: number; readonly correct: boolean }>,
  { selectionThreshold = 0, weighedBy = "count" }: VotingOptions = {},
): VotingWeights {
  const judged = new Map<number, { right: number; all: number }>();
  for (const { partId, correct } of validation) {
    const part = judged.get(partId) ?? { right: 0, all: 0 };
    judged.set(partId, { right: part.right + (correct ? 1 : 0), all: part.all + 1 });
  }
  const values = [...judged].map(
    ([id, { right, all }]) => [id, weighedBy === "count" ? right : right / all] as const,
  );
  const kept = values.map(([id, value]) => [id, value < selectionThreshold ? 0 : value] as const);
  const total = kept.reduce((sum, [, value]) => sum + value, 0);
  if (total > 0) return new Map(kept.map(([id, value]) => [id, value / total]));
  const best = Math.max(0, ...values.map(([, value]) => value));
  const most = weighedBy === "count" ? `more often than ${best} times` : `in a larger share than ${best}`;
  throw new VoxplainError(
    "invalid-argument",
    values.length === 0
      ? "there are no validation predictions to weigh the parts with"
      : `no part may vote: none was right ${most} on the validation set` +
          (selectionThreshold > 0 ? `, and the selection threshold is ${selectionThreshold}` : ""),
  );
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
