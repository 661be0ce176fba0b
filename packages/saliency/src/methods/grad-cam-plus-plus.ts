import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";
import { addScaled } from "../numerics/vectors.ts";
import {
  type ClassActivationMapOptions,
  type CombineChannels,
  classActivationMap,
  classActivationMapOptions,
} from "./class-activation-map.ts";

/**
 * Grad-CAM whose channel weights are Σ over positions of α · ReLU(g), α = g² / (2 g² + (Σ activations) · g³) and 0
 * where g is 0. The factor exp(logit) of the paper, one number per input, is left out.
 * Chattopadhay, Sarkar, Howlader, Balasubramanian 2018, arXiv:1710.11063.
 * @throws VoxplainError `invalid-argument` for a layer that does not exist or has no spatial axes.
 */
export function gradCamPlusPlus(options: ClassActivationMapOptions = {}): AttributionMethod {
  return classActivationMap(combine, options);
}

const combine: CombineChannels = (activations, gradient, map) => {
  const size = map.length;
  for (let start = 0; start < activations.length; start += size) {
    const sum = activations.subarray(start, start + size).reduce((total, value) => total + value, 0);
    let weight = 0;
    for (const g of gradient.subarray(start, start + size)) {
      // g² / (2 g² + sum · g³), shortened by g²: small gradients do not underflow.
      const denominator = 2 + sum * g;
      if (g > 0 && denominator !== 0) weight += g / denominator;
    }
    addScaled(map, activations, start, weight);
  }
};

export const gradCamPlusPlusEntry = defineMethod({
  name: "grad-cam-plus-plus",
  title: "Grad-CAM++",
  summary: "Grad-CAM with weights that do not lose small or repeated structures",
  paper: "Chattopadhay, Sarkar, Howlader, Balasubramanian 2018, arXiv:1710.11063",
  channels: "one",
  options: classActivationMapOptions,
  create: gradCamPlusPlus,
});
