import {
  type GradientRule,
  type GradientRules,
  gradientRules,
  type RuleContext,
} from "@voxplain/onnx-autodiff";
import { foldBatchNormalization } from "@voxplain/onnx-graph";
import type { Propagation } from "../attribution.ts";
import { foldNegation } from "./fold-negation.ts";
import { linearLayer, linearOperators } from "./linear-layer.ts";
import { rectifies, relevanceOfBlocks } from "./lrp-blocks.ts";
import type { LrpComposite } from "./lrp-composites.ts";
import { lrpOperators, ofTwoFactors } from "./lrp-operators.ts";
import { relevanceOfInput } from "./lrp-rules.ts";

/** Relevance by a composite's rules instead of the gradient. `zeroBias`: biases count as 0, and absorb nothing. */
export function lrpPropagation(composite: LrpComposite, zeroBias: boolean): Propagation {
  const { convolution, dense } = composite;
  return {
    rules: rulesOf(composite, zeroBias),
    kernels: (blocks, cut) => {
      const relevance = relevanceOfBlocks(blocks, composite, zeroBias);
      // No layer behind the blocks is a first one.
      const rules = rulesOf({ convolution, dense }, zeroBias, rectifies(blocks.at(-1)) ? cut : undefined);
      return relevance && { relevance, rules };
    },
    prepare: (model) => foldNegation(foldBatchNormalization(model)),
  };
}

function rulesOf(composite: LrpComposite, zeroBias: boolean, nonNegative?: string): GradientRules {
  const operators = Object.keys(linearOperators) as (keyof typeof linearOperators)[];
  const linear = operators.flatMap((opType) => {
    const kind = linearOperators[opType];
    const gradient = gradientRules[opType];
    if (gradient === undefined) return [];
    const first = kind === "convolution" ? composite.firstConvolution : composite.firstDense;
    const factors = ofTwoFactors(gradient);
    const rule: GradientRule = (g, dy) => {
      const [relevance] = dy;
      if (relevance === undefined) return [];
      if (g.wants(0) && g.wants(1)) return factors(g, dy);
      const layer = { ...linearLayer(g), nonNegative };
      const chosen = first && isFirst(g, layer.x) ? first : composite[kind];
      const result = relevanceOfInput(zeroBias ? { ...layer, bias: undefined } : layer, relevance, chosen);
      return g.x.map((_, input) => (g.wants(input) ? result : undefined));
    };
    return [[opType, rule] as const];
  });
  return { ...lrpOperators, ...Object.fromEntries(linear), ...(zeroBias && { Add: withoutConstant }) };
}

/** What is added to a value and does not come from the input is a bias. */
const withoutConstant: GradientRule = (g, dy) =>
  (g.wants(0) && g.wants(1) ? lrpOperators : gradientRules).Add!(g, dy);

/** True where there is no other linear layer between the network's input and a value. */
function isFirst(g: RuleContext, value: string): boolean {
  const seen = new Set<string>();
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = seen.has(next) ? undefined : g.producer(next);
    seen.add(next);
    if (node === undefined) continue;
    if (node.opType in linearOperators) return false;
    open.push(...node.inputs);
  }
  return true;
}
