import { elementAt, type Tensor, tensor } from "@voxplain/core";
import { type Initializer, type Model, type Network, type Node, readInitializer } from "@voxplain/onnx-graph";
import { normals } from "../numerics/random.ts";

/** A layer that has weights. */
export interface WeightedLayer {
  /** Name of its node; of its output where the node has no name. */
  readonly name: string;
  /** Names of its float32 initializers. */
  readonly weights: readonly string[];
}

/** What BatchNormalization has beside: its statistics are not trained. */
const statistics: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

const weighted = new Set(
  "Conv ConvTranspose Gemm MatMul BatchNormalization InstanceNormalization LayerNormalization GroupNormalization PRelu".split(
    " ",
  ),
);

/** The layers with weights on which the logits depend, from the logits to the input. */
export function weightedLayers({ model, logits }: Network): WeightedLayer[] {
  const { nodes, initializers } = model.graph;
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const needed = new Set([logits]);
  const taken = new Set<string>();
  const layers: WeightedLayer[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    if (!weighted.has(node.opType)) continue;
    const skipped = statistics[node.opType] ?? [];
    const weights = node.inputs.flatMap((input, k) =>
      skipped.includes(k) ? [] : (weightBehind(input, initializers, producers) ?? []),
    );
    const own = [...new Set(weights)].filter((weight) => !taken.has(weight));
    for (const weight of own) taken.add(weight);
    if (own.length > 0) layers.push({ name: node.name || elementAt(node.outputs, 0), weights: own });
  }
  return layers;
}

/** The initializer that a value is, or is another view of. */
function weightBehind(
  value: string,
  initializers: ReadonlyMap<string, Initializer>,
  producers: ReadonlyMap<string, Node>,
): string | undefined {
  let name = value;
  for (;;) {
    const initializer = initializers.get(name);
    if (initializer !== undefined) return initializer.dtype === "float32" ? name : undefined;
    const node = producers.get(name);
    if (node === undefined || !["Transpose", "Identity", "Reshape", "Cast"].includes(node.opType))
      return undefined;
    name = elementAt(node.inputs, 0);
  }
}

/** A layer can have tens of millions of weights, which take seconds. */
const drawnAtOnce = 2 ** 18;

/**
 * The weights of a layer drawn anew from the normal distribution that has the mean and the standard deviation of the
 * trained ones. Those that are all alike are left out, such as the bias of a single output: there is nothing to draw.
 */
export async function randomWeights(
  model: Model,
  { weights }: WeightedLayer,
  seed: number,
  pause: () => Promise<void>,
): Promise<ReadonlyMap<string, Tensor>> {
  const names = [...model.graph.initializers.keys()];
  const drawn = new Map<string, Tensor>();
  for (const name of weights) {
    const initializer = model.graph.initializers.get(name);
    if (initializer === undefined) throw new RangeError(`there are no weights ${name}`);
    const trained = await readInitializer(initializer);
    if (trained.dtype !== "float32") continue;
    const { mean, deviation } = moments(trained.data);
    if (deviation === 0) continue;
    const stream = { seed, sample: names.indexOf(name), purpose: "weights" } as const;
    const data = new Float32Array(trained.data.length);
    for (let from = 0; from < data.length; from += drawnAtOnce) {
      await pause();
      const deviates = normals(stream, Math.min(drawnAtOnce, data.length - from), from);
      data.set(
        deviates.map((deviate) => mean + deviation * deviate),
        from,
      );
    }
    drawn.set(name, tensor("float32", trained.dims, data));
  }
  return drawn;
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** The network with other weights. */
export function withWeights(network: Network, weights: ReadonlyMap<string, Tensor>): Network {
  const { model } = network;
  const initializers = new Map([...model.graph.initializers, ...weights]);
  return { ...network, model: { ...model, graph: { ...model.graph, initializers } } };
}
