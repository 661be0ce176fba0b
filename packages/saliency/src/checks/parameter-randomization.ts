import { elementAt, type ModelRuntime, pauses, type Tensor, VoxplainError } from "@voxplain/core";
import type { Network } from "@voxplain/onnx-graph";
import type { AttributionMethod } from "../attribution.ts";
import { rowsOf } from "../chunks.ts";
import { differentiableModel } from "../differentiable-model.ts";
import { checkWhole } from "../option-range.ts";
import type { Passes } from "../passes.ts";
import { type WatchOptions, watchedModel } from "../watched-model.ts";
import type { CheckCurve, CheckResult, CheckRow } from "./check-result.ts";
import { randomWeights, type WeightedLayer, weightedLayers, withWeights } from "./randomized-network.ts";
import { rankCorrelation } from "./rank-correlation.ts";
import { type StructuralSimilarityOptions, structuralSimilarity } from "./structural-similarity.ts";

/** Which layers get random weights, and how maps are compared. */
export interface ParameterRandomizationOptions extends WatchOptions {
  /** All layers from the logits down to one (the default), or one layer at a time. */
  readonly order?: "cascading" | "independent";
  /** Random seed; default 0. */
  readonly seed?: number;
  /** Edge of the SSIM's windows; default 7. */
  readonly window?: number;
}

/**
 * How similar the map of a network stays when layers of it are given random weights, layer by layer from the logits to
 * the input: a map that stays the same does not show what the network has learnt. SSIM and Spearman's rank correlation
 * of the maps and of their absolute values, means over the inputs; maps are divided by their largest absolute value
 * for the SSIM. One row for each layer and quantity, with the layer's name. Layers are those with weights,
 * BatchNormalization with its scale and shift too; one whose weights are all alike has learnt nothing and is left out.
 * Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim 2018, arXiv:1810.03292.
 * @throws VoxplainError `unsupported` for a network without float32 weights in layers that are known.
 */
export async function parameterRandomization(
  network: Network,
  runtime: ModelRuntime,
  method: AttributionMethod,
  input: Tensor<"float32">,
  target: number,
  options: ParameterRandomizationOptions = {},
): Promise<CheckResult> {
  const { order = "cascading", seed = 0, window = 7 } = options;
  checkWhole("seed", seed, 0);
  const layers = weightedLayers(network);
  if (layers.length === 0) {
    throw new VoxplainError("unsupported", "the network has no layers with float32 weights to randomize");
  }
  const mapOf = async (changed: Network): Promise<Tensor<"float32">> => {
    const model = differentiableModel(changed, runtime);
    try {
      return (await method(watchedModel(model, options), input, target)).map;
    } finally {
      await model.release();
    }
  };
  const trained = await mapOf(network);
  const pause = pauses(options.signal);
  const similarities: Similarity[] = [];
  const randomized: WeightedLayer[] = [];
  const replaced = new Map<string, Tensor>();
  for (const layer of layers) {
    const drawn = await randomWeights(network.model, layer, seed, pause);
    if (drawn.size === 0) continue;
    if (order === "independent") replaced.clear();
    for (const [name, weights] of drawn) replaced.set(name, weights);
    randomized.push(layer);
    const changed = await mapOf(withWeights(network, replaced));
    similarities.push(await meanSimilarity(trained, changed, window, pause));
  }
  if (randomized.length === 0) {
    throw new VoxplainError(
      "unsupported",
      "in each layer of the network all weights are alike: nothing to randomize",
    );
  }
  return resultOf(`${order}-randomization`, randomized, similarities);
}

/**
 * How many inputs {@link parameterRandomization} takes through the network and its changed copies for each input: the
 * most where every layer has something to randomize, the least where one has.
 * @param ofMethod - How many the method takes.
 */
export function parameterRandomizationPasses(network: Network, { least, most }: Passes): Passes {
  return { least: 2 * least, most: (1 + weightedLayers(network).length) * most };
}

const quantities = ["ssim", "ssim-absolute", "spearman", "spearman-absolute"] as const;
type Similarity = Readonly<Record<(typeof quantities)[number], number>>;

type Pause = () => Promise<void>;

async function meanSimilarity(
  trained: Tensor<"float32">,
  other: Tensor<"float32">,
  window: number,
  pause: Pause,
): Promise<Similarity> {
  const others = rowsOf(other);
  const each: Similarity[] = [];
  for (const [n, map] of rowsOf(trained).entries()) {
    each.push(await similarity(map, elementAt(others, n), trained.dims.slice(2), { window, pause }));
  }
  const mean = (quantity: keyof Similarity) =>
    each.reduce((sum, one) => sum + one[quantity], 0) / each.length;
  return {
    ssim: mean("ssim"),
    "ssim-absolute": mean("ssim-absolute"),
    spearman: mean("spearman"),
    "spearman-absolute": mean("spearman-absolute"),
  };
}

async function similarity(
  a: Float32Array,
  b: Float32Array,
  spatial: readonly number[],
  options: { readonly window: number; readonly pause: Pause },
): Promise<Similarity> {
  const [absoluteA, absoluteB] = [a.map(Math.abs), b.map(Math.abs)];
  const [peakA, peakB] = [peak(absoluteA), peak(absoluteB)];
  const ssim = (x: Float32Array, y: Float32Array, range: number) =>
    similarityOfChannels(
      x.map((value) => value / peakA),
      y.map((value) => value / peakB),
      spatial,
      { ...options, range },
    );
  return {
    ssim: await ssim(a, b, 2),
    "ssim-absolute": await ssim(absoluteA, absoluteB, 1),
    spearman: await rankCorrelation(a, b, options.pause),
    "spearman-absolute": await rankCorrelation(absoluteA, absoluteB, options.pause),
  };
}

/** A map that is 0 everywhere stays so. */
function peak(absolute: Float32Array): number {
  return absolute.reduce((most, value) => Math.max(most, value), 0) || 1;
}

async function similarityOfChannels(
  a: Float32Array,
  b: Float32Array,
  spatial: readonly number[],
  options: StructuralSimilarityOptions,
): Promise<number> {
  const size = spatial.reduce((product, length) => product * length, 1);
  let sum = 0;
  for (let at = 0; at < a.length; at += size) {
    const channel = (map: Float32Array) => map.subarray(at, at + size);
    sum += await structuralSimilarity(channel(a), channel(b), spatial, options);
  }
  return sum / (a.length / size);
}

function resultOf(
  check: string,
  layers: readonly WeightedLayer[],
  similarities: readonly Similarity[],
): CheckResult {
  const rows = layers.flatMap(({ name }, k) =>
    quantities.map(
      (quantity): CheckRow => ({
        check,
        quantity,
        parameter: name,
        value: elementAt(similarities, k)[quantity],
      }),
    ),
  );
  const x = layers.map((_, k) => k + 1);
  const curves = quantities.map(
    (series): CheckCurve => ({ check, series, x, y: similarities.map((one) => one[series]) }),
  );
  return { rows, curves };
}
