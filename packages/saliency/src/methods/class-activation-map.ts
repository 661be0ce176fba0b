import { elementAt, elementCount, resizeLinear, tensor } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { lastSpatialLayer, layerGrid, onGrid } from "./target-layer.ts";

/** Options of class activation maps. */
export interface ClassActivationMapOptions {
  /**
   * Name of the layer, a value of the network [C, ...spatial], or tokens [T, C] of patches that a convolution
   * cut out; default: the last one with spatial axes.
   */
  readonly layer?: string | undefined;
  /** Keeps only positive evidence for the target; default true. */
  readonly relu?: boolean;
}

export const classActivationMapOptions = {
  layer: {
    kind: "layer",
    otherwise: "the last one with spatial axes",
    doc: "the layer or value of the network that is used",
  },
  relu: { kind: "boolean", default: true, doc: "keep only positive evidence for the target" },
} as const;

/**
 * Brings the channels of one input's layer together: adds to `map`, one value per position. Activations and
 * gradient are [C, positions].
 */
export type CombineChannels = (activations: Float32Array, gradient: Float32Array, map: Float64Array) => void;

/**
 * A map of shape [N, 1, ...spatial]: the layer's channels brought together, without its negative part where that is
 * wanted, and resized to the input's grid (bilinear or trilinear, align_corners false). Not scaled.
 */
export function classActivationMap(
  combine: CombineChannels,
  { layer, relu = true }: ClassActivationMapOptions,
): AttributionMethod {
  return async (model, input, target) => {
    const name = layer ?? lastSpatialLayer(model);
    const { gradient, logits, values } = await model.gradient(input, target, { layer: name });
    const over = layerGrid(name, values, model);
    const { grid } = over;
    const count = elementAt(values.dims, 0);
    const spatial = model.inputDims.slice(1);
    const data = new Float32Array(count * elementCount(spatial));
    for (let n = 0; n < count; n++) {
      const map = new Float64Array(elementCount(grid));
      combine(onGrid(values, n, over), onGrid(gradient, n, over), map);
      const kept = relu ? map.map((value) => Math.max(value, 0)) : map;
      data.set(resizeLinear(kept, grid, spatial), n * elementCount(spatial));
    }
    return { map: tensor("float32", [count, 1, ...spatial], data), logits };
  };
}
