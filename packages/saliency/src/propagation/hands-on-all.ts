import { elementAt } from "@voxplain/core";
import type { GradientRule, GradientRules } from "@voxplain/onnx-autodiff";
import type { Propagation } from "../attribution.ts";
import { relevanceOfBlocks } from "./lrp-blocks.ts";
import { lrpPropagation } from "./lrp-propagation.ts";
import { replaceRules } from "./replace-rules.ts";

/** Operators whose output is a weighted sum of the input, whatever the input is. */
const linear = "AveragePool GlobalAveragePool ReduceSum ReduceMean CumSum Resize Upsample";

/** As if the input were 1 everywhere: what is 0 gets its share too. */
const byWeight =
  (rule: GradientRule): GradientRule =>
  (g, [relevance]) => {
    if (relevance === undefined || !g.wants(0)) return [];
    const x = elementAt(g.x, 0);
    const ones = g.emit("Expand", [g.float(1), g.shapeOf(x)]);
    const z = g.emit(g.node.opType, [ones, ...g.x.slice(1)], g.node.attributes);
    const [share] = rule(g, [g.emit("Div", [relevance, z])]);
    return [share];
  };

/** In equal parts to the inputs that come from the image; a constant summand, factor or divisor keeps nothing. */
const equally: GradientRule = (g, [relevance]) => {
  if (relevance === undefined) return [];
  const takers = g.x.map((_, input) => g.wants(input));
  const count = takers.filter(Boolean).length;
  const part = count === 1 ? relevance : g.emit("Div", [relevance, g.float(count)]);
  return g.x.map((x, input) =>
    takers[input] ? g.unbroadcast(part, g.dims(elementAt(g.y, 0)), x) : undefined,
  );
};

const flat = { rule: "flat" } as const;
const { rules: relevanceRules, prepare } = lrpPropagation({ convolution: flat, dense: flat }, true);
const rules: GradientRules = {
  ...relevanceRules,
  ...replaceRules(linear, byWeight),
  ...replaceRules("Add Sum Mean Sub Mul Div", () => equally),
};

/**
 * Relevance propagation in which nothing is kept: not by biases, and not by neurons that are 0. Where its sum is not
 * the relevance that it began with, an operator of the network drops some.
 */
export const handsOnAll: Propagation = {
  ...{ rules, ...(prepare && { prepare }) },
  kernels: (blocks) => {
    const relevance = relevanceOfBlocks(blocks, { convolution: flat, dense: flat }, true);
    return relevance && { relevance, rules };
  },
};
