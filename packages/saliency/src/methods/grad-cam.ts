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
 * ReLU(Σ over channels of activation · mean over positions of the gradient), at a layer; [N, 1, ...spatial].
 * Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, arXiv:1610.02391.
 * @throws VoxplainError `invalid-argument` for a layer that does not exist or has no spatial axes.
 */
export function gradCam(options: ClassActivationMapOptions = {}): AttributionMethod {
  return classActivationMap(combine, options);
}

const combine: CombineChannels = (activations, gradient, map) => {
  const size = map.length;
  for (let start = 0; start < activations.length; start += size) {
    const sum = gradient.subarray(start, start + size).reduce((total, value) => total + value, 0);
    addScaled(map, activations, start, sum / size);
  }
};

export const gradCamEntry = defineMethod({
  name: "grad-cam",
  title: "Grad-CAM",
  summary: "where the channels of a late layer are active that raise the logit on average",
  paper: "Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, arXiv:1610.02391",
  channels: "one",
  options: classActivationMapOptions,
  create: gradCam,
});
