import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";
import { deconvolutionPropagation } from "../propagation/rectifiers.ts";

/**
 * The gradient, with max(R, 0) in place of a rectifier's gradient. Rectifiers are Relu, LeakyRelu, PRelu, Elu, Selu,
 * Celu, Gelu, Softplus, HardSwish, Mish and a Clip from 0.
 * Zeiler, Fergus 2014, arXiv:1311.2901.
 */
export const deconvolution: AttributionMethod = async (model, input, target) => {
  const { gradient, logits } = await model.gradient(input, target, { propagation: deconvolutionPropagation });
  return { map: gradient, logits };
};

export const deconvolutionEntry = defineMethod({
  name: "deconvolution",
  title: "Deconvolution",
  summary:
    "the pattern that would excite the target, traced back through the layers: sharp, but not faithful to the network",
  paper: "Zeiler, Fergus 2014, arXiv:1311.2901",
  options: {},
  create: () => deconvolution,
});
