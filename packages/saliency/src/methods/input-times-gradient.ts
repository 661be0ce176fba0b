import { elementAt, tensor } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";

/**
 * input · ∂ logit[target] / ∂ input, voxel by voxel.
 * Shrikumar, Greenside, Shcherbina, Kundaje 2016, arXiv:1605.01713.
 */
export const inputTimesGradient: AttributionMethod = async (model, input, target) => {
  const { gradient, logits } = await model.gradient(input, target);
  const map = gradient.data.map((value, k) => value * elementAt(input.data, k));
  return { map: tensor("float32", gradient.dims, map), logits };
};

export const inputTimesGradientEntry = defineMethod({
  name: "input-x-gradient",
  title: "Input × gradient",
  summary: "the gradient times the image: a linear estimate of what each voxel adds to the logit",
  paper: "Shrikumar, Greenside, Shcherbina, Kundaje 2016, arXiv:1605.01713",
  begins: "gradient",
  options: {},
  create: () => inputTimesGradient,
});
