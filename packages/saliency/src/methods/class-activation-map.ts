import { elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { AttributionMethod, DifferentiableModel } from "../attribution.ts";
import { resizeLinear } from "../numerics/resize-linear.ts";

export interface ClassActivationMapOptions {
  /** Name of the layer, a value of the network [C, ...spatial]; default: the last one with spatial axes. */
  readonly layer?: string | undefined;
  /** Keeps only what speaks for the target; default true. */
  readonly relu?: boolean;
}

export const classActivationMapOptions = {
  layer: {
    kind: "text",
    doc: "the value of the network that is looked at; default: the last one with spatial axes",
  },
  relu: { kind: "boolean", default: true, doc: "keep only what speaks for the target" },
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
    checkSpatial(name, values, model);
    const [count, channels, ...grid] = values.dims as [number, number, ...number[]];
    const positions = elementCount(grid);
    const spatial = model.inputDims.slice(1);
    const data = new Float32Array(count * elementCount(spatial));
    for (let n = 0; n < count; n++) {
      const part = (all: Tensor<"float32">) =>
        all.data.subarray(n * channels * positions, (n + 1) * channels * positions);
      const map = new Float64Array(positions);
      combine(part(values), part(gradient), map);
      const kept = relu ? map.map((value) => Math.max(value, 0)) : map;
      data.set(resizeLinear(kept, grid, spatial), n * elementCount(spatial));
    }
    return { map: tensor("float32", [count, 1, ...spatial], data), logits };
  };
}

/**
 * The last layer that has a grid like the input's, coarser or not. In a network with attention, whose values of
 * the same rank are no grids, the user has to say which one is meant.
 */
function lastSpatialLayer(model: DifferentiableModel): string {
  const found = spatialLayers(model).at(-1);
  if (found !== undefined && !model.layers.some((layer) => layer.operator === "Softmax")) return found;
  throw new VoxplainError(
    "invalid-argument",
    `this network has ${found ? "attention" : "no layer of known shape with spatial axes"}: say which layer to look at`,
  );
}

function spatialLayers({ layers, inputDims }: DifferentiableModel): string[] {
  return layers
    .filter(
      ({ dims }) =>
        dims?.length === inputDims.length &&
        dims.slice(1).some((length) => length > 1) &&
        dims.slice(1).every((length, axis) => length <= inputDims[axis + 1]!),
    )
    .map((layer) => layer.name);
}

function checkSpatial(name: string, { dims }: Tensor<"float32">, model: DifferentiableModel): void {
  if (dims.length === model.inputDims.length + 1) return;
  const candidates = spatialLayers(model).slice(-5);
  throw new VoxplainError(
    "invalid-argument",
    `the layer ${name} has the shape [${dims.join(", ")}], not [N, channels, and ${model.inputDims.length - 1} ` +
      `spatial axes]${candidates.length > 0 ? `; such layers are ${candidates.join(", ")}` : ""}`,
  );
}
