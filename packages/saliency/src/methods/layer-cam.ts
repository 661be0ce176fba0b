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
 * ReLU(Σ over channels of activation · ReLU(gradient)), at a layer, also an early and fine one; [N, 1, ...spatial].
 * Jiang, Zhang, Hou, Cheng, Wei 2021, doi:10.1109/TIP.2021.3089943.
 * @throws VoxplainError `invalid-argument` for a layer that does not exist or has no spatial axes.
 */
export function layerCam(options: ClassActivationMapOptions = {}): AttributionMethod {
  return classActivationMap(combine, options);
}

const combine: CombineChannels = (activations, gradient, map) => {
  for (let start = 0; start < activations.length; start += map.length) {
    const rising = gradient.subarray(start, start + map.length).map((value) => Math.max(value, 0));
    addProducts(map, activations, start, rising);
  }
};

export const layerCamEntry = defineMethod({
  name: "layercam",
  title: "LayerCAM",
  summary: "where a layer has activations that raise the logit; it may be an early one with a fine grid",
  paper: "Jiang, Zhang, Hou, Cheng, Wei 2021, doi:10.1109/TIP.2021.3089943",
  channels: "one",
  options: classActivationMapOptions,
  create: layerCam,
});
