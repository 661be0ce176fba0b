import { elementAt, elementCount, type Tensor, tensor } from "@voxplain/core";
import type { AttributionMethod, Refinement } from "../attribution.ts";
import type { ChosenMethod } from "../chosen-method.ts";
import {
  type ChunkOptions,
  checkChunkSize,
  chunkSizeOption,
  eachVariant,
  lenderOf,
  logitsInChunks,
  rowsOf,
} from "../chunks.ts";
import { normals } from "../numerics/random.ts";
import { rangeOf } from "../numerics/range.ts";
import { addNoise } from "../numerics/vectors.ts";
import { checkSize, checkWhole, seedOption } from "../option-range.ts";
import { type Passes, repeated } from "../passes.ts";
import { joinRefinements } from "../refinement.ts";
import { gradientsEntry } from "./gradients.ts";

/** Options of methods that add noise to the input. */
export interface NoiseOptions extends ChunkOptions {
  /** Standard deviation of the noise as a fraction of the input's range, its maximum − minimum; default 0.15. */
  readonly stdev?: number;
  /** Noisy copies of each input; default 25. */
  readonly samples?: number;
  /** Default 0. Every input gets the same noise, whatever its place in a batch. */
  readonly seed?: number;
}

export const noiseOptions = {
  innerMethod: {
    kind: "method",
    default: gradientsEntry.create(),
    doc: "the method whose maps are taken",
  },
  stdev: {
    kind: "number",
    default: 0.15,
    unit: "fractions of the image's range",
    doc: "standard deviation of the noise",
  },
  samples: { kind: "integer", default: 25, doc: "noisy copies of each image" },
  ...seedOption,
  ...chunkSizeOption,
} as const;

/** The inner method explains each copy, and the input itself for its logits. */
export function noisePasses(
  { innerMethod, samples }: { readonly innerMethod: ChosenMethod; readonly samples: number },
  inputDims: readonly number[],
): Passes {
  return repeated(innerMethod.passes(inputDims), samples + 1);
}

/** What is made of the maps of one input's noisy copies; they come in a fixed order. */
export interface SampleStatistic {
  add(map: Float32Array): void;
  result(): Float32Array;
}

/** Maps of `inner` at inputs x + σ (max x − min x) · z, z standard normal, brought together by a statistic. */
export function withNoise(
  inner: AttributionMethod,
  options: NoiseOptions,
  statistic: (size: number) => SampleStatistic,
): AttributionMethod {
  const { stdev = 0.15, samples = 25, seed = 0 } = options;
  checkSize("stdev", stdev, "zero allowed");
  checkWhole("samples", samples, 1);
  checkWhole("seed", seed, 0);
  checkChunkSize(options);
  return async (model, input, target) => {
    const inputs = rowsOf(input);
    const scales = inputs.map((values) => stdev * rangeOf(values));
    let mapDims: readonly number[] = [];
    const statistics: SampleStatistic[] = [];
    const refinements: Refinement[] = [];
    await eachVariant({
      ...options,
      count: inputs.length * samples,
      dims: model.inputDims,
      write: (index, into) => {
        const row = Math.floor(index / samples);
        const noise = normals({ seed, sample: index % samples, purpose: "noise" }, into.length);
        addNoise(elementAt(inputs, row), elementAt(scales, row), noise, into);
      },
      lender: lenderOf(model, "gradient"),
      compute: (batch) => inner(model, batch, target),
      read: ({ map, refinement }, row, index) => {
        mapDims = map.dims.slice(1);
        const size = elementCount(mapDims);
        const n = Math.floor(index / samples);
        const own = statistics[n] ?? statistic(size);
        statistics[n] = own;
        own.add(map.data.subarray(row * size, (row + 1) * size));
        const joined = joinRefinements(refinements[n], refinement?.[row]);
        if (joined) refinements[n] = joined;
      },
    });
    const data = new Float32Array(inputs.length * elementCount(mapDims));
    statistics.forEach((own, n) => {
      data.set(own.result(), n * elementCount(mapDims));
    });
    const logitsOf = async (batch: Tensor<"float32">) => (await inner(model, batch, target)).logits;
    const logits = await logitsInChunks(model, inputs, options, logitsOf);
    const map = tensor("float32", [inputs.length, ...mapDims], data);
    return { map, logits, ...(refinements.length > 0 && { refinement: refinements }) };
  };
}
