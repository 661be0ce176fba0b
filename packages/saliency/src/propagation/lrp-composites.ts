import type { Bound, LrpRule } from "./lrp-rules.ts";

/** Which rule each linear layer follows. The rules of first layers apply where no linear layer comes before. */
export interface LrpComposite {
  /** Of Conv and ConvTranspose. */
  readonly convolution: LrpRule;
  /** Rule of Gemm and MatMul. */
  readonly dense: LrpRule;
  /** Rule of convolutions with no other layer before them; default: as `convolution`. */
  readonly firstConvolution?: LrpRule;
  /** Rule of dense layers with no other layer before them; default: as `dense`. */
  readonly firstDense?: LrpRule;
}

/** Composites that have a name. */
export type LrpCompositeName = (typeof lrpCompositeNames)[number];

export const lrpCompositeNames = [
  "epsilon-plus",
  "epsilon-plus-flat",
  "epsilon-alpha2-beta1",
  "epsilon-alpha2-beta1-flat",
  "epsilon-gamma-box",
  "epsilon",
  "gamma",
  "z-plus",
  "alpha2-beta1",
] as const;

export interface LrpParameters {
  readonly epsilon: number;
  readonly gamma: number;
  readonly low: Bound | undefined;
  readonly high: Bound | undefined;
}

/** The composites of Kohlbrenner et al. 2020, arXiv:1910.09840, and Anders et al. 2021 (zennit), and single rules. */
export function lrpComposite(
  name: LrpCompositeName,
  { epsilon, gamma, low, high }: LrpParameters,
): LrpComposite {
  const dense = { rule: "epsilon", epsilon } as const;
  const plus = { rule: "alpha-beta", alpha: 1, beta: 0 } as const;
  const both = { rule: "alpha-beta", alpha: 2, beta: 1 } as const;
  const boosted = { rule: "gamma", gamma } as const;
  const box = { rule: "box", low, high } as const;
  const flatFirst = { firstConvolution: { rule: "flat" }, firstDense: { rule: "flat" } } as const;
  const composites: Readonly<Record<LrpCompositeName, LrpComposite>> = {
    "epsilon-plus": { convolution: plus, dense },
    "epsilon-plus-flat": { convolution: plus, dense, ...flatFirst },
    "epsilon-alpha2-beta1": { convolution: both, dense },
    "epsilon-alpha2-beta1-flat": { convolution: both, dense, ...flatFirst },
    "epsilon-gamma-box": { convolution: boosted, dense, firstConvolution: box },
    epsilon: { convolution: dense, dense },
    gamma: { convolution: boosted, dense: boosted },
    "z-plus": { convolution: plus, dense: plus },
    "alpha2-beta1": { convolution: both, dense: both },
  };
  return composites[name];
}
