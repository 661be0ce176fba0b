import { elementAt, elementCount, tensor } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { type Baseline, baselineFrom, baselineOptions, baselinesOf, checkBaseline } from "../baseline.ts";
import { rowsOf } from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { multiplyByDifference, total } from "../numerics/vectors.ts";
import { exactly } from "../passes.ts";
import { rescalePropagation } from "../propagation/rescale.ts";

/** Options of DeepLIFT. */
export interface DeepLiftOptions {
  /** What activations are compared with; default "zero". */
  readonly baseline?: Baseline;
}

/**
 * (x − x′) · multipliers, of which each activation's is Δout/Δin between the input x and the baseline x′ (the rescale
 * rule). `delta` is the map's error against logit(x) − logit(x′): rounding, except for instance and layer
 * normalization, inner softmax and other operators that are neither linear nor of one variable.
 * Shrikumar, Greenside, Kundaje 2017, arXiv:1704.02685; max-pooling and the limit of no change as Captum 0.6.
 * @throws VoxplainError `mismatch` for a baseline of another shape; `unsupported` for a network that takes one input
 * at a time, as inputs and baselines go through it side by side.
 */
export function deepLift({ baseline = "zero" }: DeepLiftOptions = {}): AttributionMethod {
  checkBaseline(baseline);
  return async (model, input, target) => {
    const { inputDims, classCount } = model;
    const size = elementCount(inputDims);
    const inputs = rowsOf(input);
    const count = inputs.length;
    const baselines = baselinesOf(baseline, inputs, inputDims);
    const both = new Float32Array(2 * count * size);
    both.set(input.data);
    for (const [n, values] of baselines.entries()) both.set(values, (count + n) * size);
    const stacked = tensor("float32", [2 * count, ...inputDims], both);
    const { gradient, logits } = await model.gradient(stacked, target, { propagation: rescalePropagation });
    const map = Float64Array.from(gradient.data.subarray(0, count * size));
    multiplyByDifference(map, input.data, both.subarray(count * size));
    const scoreOf = (row: number) => elementAt(logits.data, row * classCount + target);
    const delta = inputs.map((_, n) => {
      const change = scoreOf(n) - scoreOf(count + n);
      return total(map.subarray(n * size, (n + 1) * size)) - change;
    });
    return {
      map: tensor("float32", input.dims, Float32Array.from(map)),
      logits: tensor("float32", [count, classCount], logits.data.slice(0, count * classCount)),
      delta,
    };
  };
}

export const deepLiftEntry = defineMethod({
  name: "deep-lift",
  title: "DeepLIFT",
  summary:
    "each voxel's share of the change of the logit from a baseline, in proportion to how much each activation changed",
  paper: "Shrikumar, Greenside, Kundaje 2017, arXiv:1704.02685",
  options: baselineOptions,
  passes: () => exactly(2),
  create: (values) => deepLift({ baseline: baselineFrom(values) }),
});
