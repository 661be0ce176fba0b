import { elementAt, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { AttributionMethod, DifferentiableModel } from "../attribution.ts";
import { rowsOf } from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { total } from "../numerics/vectors.ts";
import { checkSize } from "../option-range.ts";
import { handsOnAll } from "../propagation/hands-on-all.ts";
import {
  type LrpComposite,
  type LrpCompositeName,
  lrpComposite,
  lrpCompositeNames,
} from "../propagation/lrp-composites.ts";
import { lrpPropagation } from "../propagation/lrp-propagation.ts";
import { type Bound, type LrpRule, stabilizer } from "../propagation/lrp-rules.ts";

/** Options of layer-wise relevance propagation. */
export interface LrpOptions {
  /** Which layers follow which rule: a name, or the rules themselves; default "epsilon-plus". */
  readonly composite?: LrpCompositeName | LrpComposite;
  /** ε of the ε rule; default 1e-6. */
  readonly epsilon?: number;
  /** γ of the γ rule; default 0.25. */
  readonly gamma?: number;
  /** Lowest and highest input of the zᴮ rule, for all channels or for each; default: those of each image. */
  readonly low?: Bound | undefined;
  /** The highest; see `low`. */
  readonly high?: Bound | undefined;
  /** Count biases as 0, so that they absorb no relevance; default false. */
  readonly zeroBias?: boolean;
}

/**
 * Layer-wise relevance propagation of the target logit, which is handed down from layer to layer. Each batch
 * normalization is merged into the layer before it. `delta` is the map's error against the logit:
 * biases keep their share, unless `zeroBias`; ε keeps what it is next to small sums; and a neuron that is active without
 * anything positive coming in (z⁺, αβ) cannot pass its relevance on. `unexplained` is the error for other
 * reasons, such as operators that do not hand on all relevance; it takes a second pass where the map misses over 5 %.
 * Bach et al. 2015, doi:10.1371/journal.pone.0130140; rules and composites as zennit, arXiv:2106.13200.
 * @throws VoxplainError `invalid-argument` for an option out of range.
 */
export function lrp(options: LrpOptions = {}): AttributionMethod {
  const { composite = "epsilon-plus", epsilon = stabilizer, gamma = 0.25, low, high } = options;
  checkSize("epsilon", epsilon, "zero allowed");
  checkSize("gamma", gamma, "zero allowed");
  const chosen =
    typeof composite === "string" ? lrpComposite(composite, { epsilon, gamma, low, high }) : composite;
  for (const rule of Object.values(chosen)) checkRule(rule);
  const propagation = lrpPropagation(chosen, options.zeroBias ?? false);
  return async (model, input, target) => {
    const { gradient, logits } = await model.gradient(input, target, { propagation });
    const scores = rowsOf(logits).map((ofInput) => elementAt(ofInput, target));
    const map = new Float32Array(gradient.data.length);
    const delta = rowsOf(gradient).map((shares, n) => {
      const score = elementAt(scores, n);
      const relevance = map.subarray(n * shares.length, (n + 1) * shares.length);
      // Relevance is proportional to what it starts with: 1 here, and the logit in the end.
      for (let k = 0; k < shares.length; k++) relevance[k] = shares[k]! * score;
      return total(relevance) - score;
    });
    const unexplained = await notKeptByLayers(model, input, target, { scores, delta });
    return { map: tensor("float32", gradient.dims, map), logits, delta, unexplained };
  };
}

/** A miss below this fraction of the logit needs no explanation. */
const smallMiss = 0.05;

/**
 * What of `delta` is not kept by linear layers, through biases, ε, or neurons with nothing positive coming in: what is
 * still missed where linear layers hand on everything. Asked of every image that misses more than a little.
 */
async function notKeptByLayers(
  model: DifferentiableModel,
  input: Tensor<"float32">,
  target: number,
  { scores, delta }: { readonly scores: readonly number[]; readonly delta: readonly number[] },
): Promise<readonly number[]> {
  const isSmall = (score: number, n: number) => Math.abs(elementAt(delta, n)) <= smallMiss * Math.abs(score);
  if (scores.every(isSmall)) return scores.map(() => 0);
  const { gradient } = await model.gradient(input, target, { propagation: handsOnAll });
  const kept = rowsOf(gradient).map(total);
  return scores.map((score, n) => (isSmall(score, n) ? 0 : score * (elementAt(kept, n) - 1)));
}

function checkRule(rule: LrpRule): void {
  if (rule.rule === "alpha-beta" && !(rule.beta >= 0 && Math.abs(rule.alpha - rule.beta - 1) < 1e-9)) {
    throw new VoxplainError("invalid-argument", "alpha − beta must be 1, and beta at least 0", {
      found: `alpha ${rule.alpha}, beta ${rule.beta}`,
    });
  }
  if (rule.rule !== "box") return;
  const { low, high } = rule;
  const bounds = [low, high].flatMap((bound) => bound ?? []);
  const crossed = typeof low === "number" && typeof high === "number" && low > high;
  if (crossed || !bounds.every(Number.isFinite)) {
    throw new VoxplainError(
      "invalid-argument",
      "the bounds low and high must be finite, and low the lower one",
    );
  }
}

export const lrpEntry = defineMethod({
  name: "lrp",
  title: "Layer-wise relevance propagation",
  summary: "the target's logit, distributed layer by layer among the neurons that contributed to it",
  paper: "Bach, Binder, Montavon, Klauschen, Müller, Samek 2015, doi:10.1371/journal.pone.0130140",
  options: {
    composite: {
      kind: "choice",
      choices: lrpCompositeNames,
      default: "epsilon-plus",
      doc: "the rules for dense layers, for convolutions and for the first layer, named in this order",
    },
    epsilon: {
      kind: "number",
      default: stabilizer,
      doc: "ε of the epsilon rule; a larger one gives a sparser map",
    },
    gamma: {
      kind: "number",
      default: 0.25,
      doc: "γ of the gamma rule: how much positive contributions are favoured",
    },
    low: {
      kind: "numbers",
      otherwise: "each image's lowest",
      doc: "lowest possible value of a voxel, for the box rule",
    },
    high: {
      kind: "numbers",
      otherwise: "each image's highest",
      doc: "highest possible value of a voxel, for the box rule",
    },
    zeroBias: { kind: "boolean", default: false, doc: "count biases as 0, so that they absorb no relevance" },
  },
  // Where the map misses over 5 % of the logit, what layers do not keep takes a second one.
  passes: () => ({ least: 1, most: 2 }),
  create: lrp,
});
