import type { AttributionMethod } from "../attribution.ts";
import { defineMethod } from "../define-method.ts";
import { addProducts } from "../numerics/vectors.ts";
import {
  type ClassActivationMapOptions,
  type CombineChannels,
  classActivationMap,
  classActivationMapOptions,
} from "./class-activation-map.ts";

/**
 * ReLU(Σ over channels of activation · gradient, position by position), at a layer; [N, 1, ...spatial].
 * Draelos, Carin 2020, arXiv:2011.08891.
 * @throws VoxplainError `invalid-argument` for a layer that does not exist or has no spatial axes.
 */
export function hiResCam(options: ClassActivationMapOptions = {}): AttributionMethod {
  return classActivationMap(combine, options);
}

const combine: CombineChannels = (activations, gradient, map) => {
  for (let start = 0; start < activations.length; start += map.length) {
    addProducts(map, activations, start, gradient.subarray(start, start + map.length));
  }
};

export const hiResCamEntry = defineMethod({
  name: "hirescam",
  title: "HiResCAM",
  summary: "where a late layer raises the logit: activation times gradient, faithful position by position",
  paper: "Draelos, Carin 2020, arXiv:2011.08891",
  channels: "one",
  options: classActivationMapOptions,
  create: hiResCam,
});
