import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";
import { guidedPropagation } from "../propagation/rectifiers.ts";

/**
 * The gradient, of which rectifiers let back only what is positive: act′(x) · max(R, 0). Rectifiers are Relu,
 * LeakyRelu, PRelu, Elu, Selu, Celu, Gelu, Softplus, HardSwish, Mish and a Clip from 0; the gradient of others is theirs.
 * Springenberg, Dosovitskiy, Brox, Riedmiller 2015, arXiv:1412.6806.
 */
export const guidedBackpropagation: AttributionMethod = async (model, input, target) => {
  const { gradient, logits } = await model.gradient(input, target, { propagation: guidedPropagation });
  return { map: gradient, logits };
};

export const guidedBackpropagationEntry = defineMethod({
  name: "guided-backpropagation",
  title: "Guided backpropagation",
  summary: "the gradient through positive contributions only: sharp, but not faithful to the network",
  paper: "Springenberg, Dosovitskiy, Brox, Riedmiller 2015, arXiv:1412.6806",
  options: {},
  create: () => guidedBackpropagation,
});
