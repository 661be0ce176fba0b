import { VoxplainError } from "@voxplain/core";
import type { Network } from "@voxplain/onnx-graph";
import type { Layer } from "./attribution.ts";
import type { ChosenMethod, OptionRecord } from "./chosen-method.ts";
import { layersBetween } from "./layers.ts";

/** Layers that a message names: methods look at late ones. */
const mostNamed = 40;

/**
 * Looks whether a network has the layer that a method, or the method inside it, was given.
 * @throws VoxplainError `invalid-argument` listing the network's layers.
 */
export function checkLayers(network: Network, { options }: Pick<ChosenMethod, "options">): void {
  const wanted = layersIn(options);
  if (wanted.length === 0) return;
  const layers = layersBetween(network);
  for (const layer of wanted) checkLayer(layer, { ...network, layers });
}

/**
 * Looks whether a network has a layer.
 * @throws VoxplainError `invalid-argument` listing the network's layers.
 */
export function checkLayer(
  name: string,
  { input, layers, inputDims }: Pick<Network, "input" | "inputDims"> & { readonly layers: readonly Layer[] },
): void {
  if (name === input || layers.some((layer) => layer.name === name)) return;
  const spatial = layers.filter(({ dims }) => dims === undefined || dims.length === inputDims.length);
  const named = spatial.length > 0 ? spatial : layers;
  const last = named.slice(-mostNamed).map((layer) => layer.name);
  const before = named.length - last.length;
  throw new VoxplainError("invalid-argument", `the network has no layer "${name}"`, {
    found: `${before > 0 ? `${before} others, then ` : ""}${last.join(", ")}`,
  });
}

function layersIn(options: OptionRecord): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (name === "layer" && typeof value === "string") return [value];
    return isRecord(value) ? layersIn(value) : [];
  });
}

function isRecord(value: OptionRecord[string]): value is OptionRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
