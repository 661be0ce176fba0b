import { elementAt, elementCount, type Tensor } from "@voxplain/core";
import type { AttributionMethod, DifferentiableModel } from "../attribution.ts";
import { type ChunkOptions, checkChunkSize, eachVariant, rowsOf } from "../chunks.ts";
import { uniforms } from "../numerics/random.ts";
import { rangeOf } from "../numerics/range.ts";
import { addNoise, distance } from "../numerics/vectors.ts";
import { checkSize, checkWhole } from "../option-range.ts";
import { type Passes, repeated } from "../passes.ts";
import { type WatchOptions, watchedModel } from "../watched-model.ts";
import type { CheckResult } from "./check-result.ts";

/** How images are perturbed. */
export interface MaxSensitivityOptions extends ChunkOptions, WatchOptions {
  /** Perturbations of each input; default 10. */
  readonly samples?: number;
  /** The largest change of a voxel, as a fraction of the input's range; default 0.02. */
  readonly radius?: number;
  /** Random seed; default 0. */
  readonly seed?: number;
}

const defaultSamples = 10;

/**
 * max ‖Φ(x + δ) − Φ(x)‖ / ‖Φ(x)‖ over changes δ, uniform within a radius: how much a map changes for changes of the
 * image too small to see. Mean over the inputs.
 * Yeh, Hsieh, Suggala, Inouye, Ravikumar 2019, arXiv:1901.09392.
 * @throws VoxplainError `invalid-argument` for an option out of range.
 */
export async function maxSensitivity(
  given: DifferentiableModel,
  method: AttributionMethod,
  input: Tensor<"float32">,
  target: number,
  options: MaxSensitivityOptions = {},
): Promise<CheckResult> {
  const { samples = defaultSamples, radius = 0.02, seed = 0 } = options;
  checkWhole("samples", samples, 1);
  checkWhole("seed", seed, 0);
  checkSize("radius", radius, "positive");
  checkChunkSize(options);
  const model = watchedModel(given, options);
  const inputs = rowsOf(input);
  const radii = inputs.map((values) => radius * rangeOf(values));
  const maps = rowsOf((await method(model, input, target)).map);
  const largest = new Float64Array(inputs.length);
  await eachVariant({
    ...options,
    count: inputs.length * samples,
    dims: model.inputDims,
    write: (index, into) => {
      const n = Math.floor(index / samples);
      const stream = { seed, sample: index % samples, purpose: "sensitivity" } as const;
      const noise = uniforms(stream, elementCount(model.inputDims));
      const changes = noise.map((value) => 2 * value - 1);
      addNoise(elementAt(inputs, n), elementAt(radii, n), changes, into);
    },
    compute: async (batch) => rowsOf((await method(model, batch, target)).map),
    read: (changed, row, index) => {
      const n = Math.floor(index / samples);
      const change = distance(elementAt(changed, row), elementAt(maps, n));
      largest[n] = Math.max(elementAt(largest, n), change);
    },
  });
  const ratios = maps.map((map, n) => elementAt(largest, n) / distance(map, new Float32Array(map.length)));
  const value = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return {
    rows: [{ check: "max-sensitivity", quantity: "max-sensitivity", parameter: "", value }],
    curves: [],
  };
}

/**
 * How many inputs {@link maxSensitivity} takes through the network for each input.
 * @param ofMethod - How many the method takes.
 */
export function maxSensitivityPasses(
  ofMethod: Passes,
  { samples = defaultSamples }: MaxSensitivityOptions = {},
): Passes {
  return repeated(ofMethod, samples + 1);
}
