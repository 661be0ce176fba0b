import { tensor } from "@voxplain/core";
import type { Attribution, AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";
import { gradients } from "./gradients.ts";

/** The absolute values of another method's map. With gradients: Simonyan, Vedaldi, Zisserman 2014, arXiv:1312.6034. */
export function absolute(method: AttributionMethod): AttributionMethod {
  return async (model, input, target) => withValues(await method(model, input, target), Math.abs);
}

/** The squares of another method's map. With gradients: the sensitivity analysis of Zurada, Malinowski, Cloete 1994. */
export function squared(method: AttributionMethod): AttributionMethod {
  return async (model, input, target) =>
    withValues(await method(model, input, target), (value) => value * value);
}

/** A map that no longer adds up has no delta. */
function withValues(
  { map, logits, refinement, giveBack }: Attribution,
  change: (value: number) => number,
): Attribution {
  const changed = map.data.map(change);
  giveBack?.();
  return {
    map: tensor("float32", map.dims, changed),
    logits,
    ...(refinement && { refinement }),
  };
}

export const absoluteGradientsEntry = defineMethod({
  name: "absolute-gradients",
  title: "Absolute gradients",
  summary: "how much the logit changes with each voxel, in either direction: the gradient's absolute value",
  paper: "Simonyan, Vedaldi, Zisserman 2014, arXiv:1312.6034",
  begins: "gradient",
  options: {},
  create: () => absolute(gradients),
});

export const squaredGradientsEntry = defineMethod({
  name: "squared-gradients",
  title: "Squared gradients",
  summary: "how much the logit changes with each voxel, with more contrast: the gradient's square",
  paper: "Zurada, Malinowski, Cloete 1994, doi:10.1109/ISCAS.1994.409622",
  begins: "gradient",
  options: {},
  create: () => squared(gradients),
});
