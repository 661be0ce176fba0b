import type { AttributionMethod } from "../attribution.ts";

/**
 * ∂ logit[target] / ∂ input: signed, not multiplied by the input, not smoothed.
 * Simonyan, Vedaldi, Zisserman 2014, arXiv:1312.6034.
 */
export const gradients: AttributionMethod = async (model, input, target) => {
  const { gradient, logits } = await model.gradient(input, target);
  return { map: gradient, logits };
};
