import { elementAt, elementCount, type Tensor } from "@voxplain/core";
import type { DifferentiableModel } from "../attribution.ts";
import { type ChunkOptions, checkChunkSize, eachVariant, logitsInChunks, rowsOf } from "../chunks.ts";
import { normals } from "../numerics/random.ts";
import { rangeOf } from "../numerics/range.ts";
import { checkSize, checkWhole } from "../option-range.ts";
import { exactly, type Passes } from "../passes.ts";
import { type WatchOptions, watchedModel } from "../watched-model.ts";
import type { CheckResult } from "./check-result.ts";
import { repeatChannels } from "./repeat-channels.ts";

/** How images are perturbed. */
export interface InfidelityOptions extends ChunkOptions, WatchOptions {
  /** Perturbations of each input; default 30. */
  readonly samples?: number;
  /** Their standard deviation as a fraction of the input's range; default 0.1. */
  readonly stdev?: number;
  /** Random seed; default 0. */
  readonly seed?: number;
}

const defaultSamples = 30;

/**
 * E[(I·Φ − (f(x) − f(x − I)))²] with the map Φ, the logit f and normally distributed perturbations I: how badly the
 * map says what changes of the image do to the logit. "scaled" allows the map the best factor. Means over the inputs.
 * Yeh, Hsieh, Suggala, Inouye, Ravikumar 2019, arXiv:1901.09392.
 * @throws VoxplainError `mismatch` for a map of another grid; `invalid-argument` for an option out of range.
 */
export async function infidelity(
  given: DifferentiableModel,
  map: Tensor<"float32">,
  input: Tensor<"float32">,
  target: number,
  options: InfidelityOptions = {},
): Promise<CheckResult> {
  const { samples = defaultSamples, stdev = 0.1, seed = 0 } = options;
  checkWhole("samples", samples, 1);
  checkWhole("seed", seed, 0);
  checkSize("stdev", stdev, "positive");
  checkChunkSize(options);
  const model = watchedModel(given, options);
  const inputs = rowsOf(input);
  const scales = inputs.map((values) => stdev * rangeOf(values));
  const maps = rowsOf(repeatChannels(map, input.dims));
  const before = await logitsInChunks(model, inputs, options);
  const logit = (logits: Tensor<"float32">, row: number) =>
    elementAt(logits.data, row * model.classCount + target);
  const predicted = new Float64Array(inputs.length * samples);
  const actual = new Float64Array(predicted.length);
  await eachVariant({
    ...options,
    count: predicted.length,
    dims: model.inputDims,
    write: (index, into) => {
      const n = Math.floor(index / samples);
      const stream = { seed, sample: index % samples, purpose: "perturbation" } as const;
      const noise = normals(stream, elementCount(model.inputDims));
      predicted[index] = perturb(elementAt(inputs, n), elementAt(maps, n), noise, elementAt(scales, n), into);
    },
    compute: (batch) => model.forward(batch),
    read: (logits, row, index) => {
      actual[index] = logit(before, Math.floor(index / samples)) - logit(logits, row);
    },
  });
  const errors = inputs.map((_, n) => {
    const part = (values: Float64Array) => values.subarray(n * samples, (n + 1) * samples);
    return errorsOf(part(predicted), part(actual));
  });
  const mean = (key: "plain" | "scaled") =>
    errors.reduce((sum, error) => sum + error[key], 0) / inputs.length;
  return {
    rows: [
      { check: "infidelity", quantity: "infidelity", parameter: "", value: mean("plain") },
      { check: "infidelity", quantity: "scaled-infidelity", parameter: "", value: mean("scaled") },
    ],
    curves: [],
  };
}

/** How many inputs {@link infidelity} takes through the network for each input. */
export function infidelityPasses({ samples = defaultSamples }: InfidelityOptions = {}): Passes {
  return exactly(samples + 1);
}

/** Writes x − I and gives I·Φ, with the I that float32 leaves of it. */
function perturb(
  x: Float32Array,
  map: Float32Array,
  noise: Float64Array,
  scale: number,
  into: Float32Array,
): number {
  let sum = 0;
  for (let k = 0; k < into.length; k++) {
    const value = x[k]!;
    const changed = Math.fround(value - scale * noise[k]!);
    into[k] = changed;
    sum += (value - changed) * map[k]!;
  }
  return sum;
}

/** The best factor is Σ predicted·actual / Σ predicted². */
function errorsOf(predicted: Float64Array, actual: Float64Array): { plain: number; scaled: number } {
  const both = predicted.reduce((sum, value, k) => sum + value * elementAt(actual, k), 0);
  const own = predicted.reduce((sum, value) => sum + value ** 2, 0);
  const error = (factor: number) =>
    predicted.reduce((sum, value, k) => sum + (factor * value - elementAt(actual, k)) ** 2, 0) /
    predicted.length;
  return { plain: error(1), scaled: error(own === 0 ? 0 : both / own) };
}
