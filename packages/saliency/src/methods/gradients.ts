import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";

/**
 * ∂ logit[target] / ∂ input: signed, not multiplied by the input, not smoothed.
 * Simonyan, Vedaldi, Zisserman 2014, arXiv:1312.6034.
 */
export const gradients: AttributionMethod = async (model, input, target) => {
  const { gradient, logits, giveBack } = await model.gradient(input, target, {
    borrow: model.lendsMaps === true,
  });
  return { map: gradient, logits, ...(giveBack && { giveBack }) };
};

export const gradientsEntry = defineMethod({
  name: "gradients",
  title: "Gradients",
  summary: "how much the logit changes with each voxel: its gradient, signed",
  paper: "Simonyan, Vedaldi, Zisserman 2014, arXiv:1312.6034",
  begins: "gradient",
  isDerivative: true,
  options: {},
  create: () => gradients,
});
