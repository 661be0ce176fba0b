import { elementCount, type Tensor, tensor } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { type Baseline, baselineFrom, baselineOptions, baselinesOf, checkBaseline } from "../baseline.ts";
import {
  type ChunkOptions,
  checkChunkSize,
  chunkSizeOption,
  eachVariant,
  logitsInChunks,
  rowsOf,
} from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { total } from "../numerics/float64-sum.ts";
import { type PathPoint, type PathRule, pathIntegral } from "../numerics/path-integral.ts";
import { checkWhole } from "../option-range.ts";

/** Options of integrated gradients. */
export interface IntegratedGradientsOptions extends ChunkOptions {
  /**
   * Points on the path at which the gradient is computed; default 32. The rule "secant" takes both ends besides,
   * whose logits are needed anyway.
   */
  readonly steps?: number;
  /**
   * How the path integral is approximated; default "secant". Along the path the gradient of a network of ReLUs and
   * max-pooling jumps, which rules of high order gain nothing from. "secant" uses the logits at the points, too: their
   * rise says how much the gradients on both sides of a jump should count.
   */
  readonly rule?: PathRule;
  /** Where the path begins; default "zero". */
  readonly baseline?: Baseline;
}

/**
 * (x − x′) · ∫₀¹ ∂ logit[target] / ∂x at x′ + α (x − x′) dα on the straight path from the baseline x′ to the input x.
 * `delta` is by how much the map misses logit(x) − logit(x′).
 * Sundararajan, Taly, Yan 2017, arXiv:1703.01365.
 * @throws VoxplainError `invalid-argument` for steps below 1; `mismatch` for a baseline of another shape.
 */
export function integratedGradients(options: IntegratedGradientsOptions = {}): AttributionMethod {
  const { steps = 32, rule = "secant", baseline = "zero" } = options;
  checkWhole("steps", steps, 1);
  checkBaseline(baseline);
  checkChunkSize(options);
  const { points, sumInto } = pathIntegral(rule, steps);
  return async (model, input, target) => {
    const { inputDims, classCount } = model;
    const size = elementCount(inputDims);
    const inputs = rowsOf(input);
    const baselines = baselinesOf(baseline, inputs, inputDims);
    const sums = new Float64Array(input.data.length);
    const sumOf = (row: number) => sums.subarray(row * size, (row + 1) * size);
    const logitsAt = (position: number) =>
      new Float32Array(points.includes(position) ? inputs.length * classCount : 0);
    const ends = [logitsAt(0), logitsAt(1)] as const;
    let add: (point: PathPoint) => void = () => {};
    await eachVariant({
      ...options,
      count: inputs.length * points.length,
      dims: inputDims,
      write: (index, into) => {
        const row = Math.floor(index / points.length);
        interpolate(baselines[row]!, inputs[row]!, points[index % points.length]!, into);
      },
      compute: (batch) => model.gradient(batch, target),
      read: ({ gradient: { data }, logits }, at, index) => {
        const row = Math.floor(index / points.length);
        const position = points[index % points.length]!;
        if (index % points.length === 0) add = sumInto(sumOf(row));
        const gradient = data.subarray(at * size, (at + 1) * size);
        const values = logits.data.subarray(at * classCount, (at + 1) * classCount);
        if (position === 0 || position === 1) ends[position].set(values, row * classCount);
        add({
          value: values[target]!,
          slope: () => slopeOf(gradient, baselines[row]!, inputs[row]!),
          gradient,
        });
      },
    });
    const logitsOf = async (batch: Tensor<"float32">) => (await model.gradient(batch, target)).logits;
    const logitsOfAll = async (known: Float32Array, all: readonly Float32Array[]) =>
      known.length > 0
        ? tensor("float32", [all.length, classCount], known)
        : logitsInChunks(model, all, options, logitsOf);
    const logits = await logitsOfAll(ends[1], inputs);
    const ofBaselines = await logitsOfAll(ends[0], baselines);
    const delta = inputs.map((values, row) => {
      const map = sumOf(row);
      multiplyByDifference(map, values, baselines[row]!);
      const at = row * classCount + target;
      return total(map) - (logits.data[at]! - ofBaselines.data[at]!);
    });
    return { map: tensor("float32", input.dims, Float32Array.from(sums)), logits, delta };
  };
}

function interpolate(from: Float32Array, to: Float32Array, position: number, into: Float32Array): void {
  // The other way round it would be rounded.
  if (position === 1) into.set(to);
  else for (let k = 0; k < into.length; k++) into[k] = from[k]! + position * (to[k]! - from[k]!);
}

/** The derivative of the logit along the path. */
function slopeOf(gradient: Float32Array, from: Float32Array, to: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < gradient.length; k++) sum += gradient[k]! * (to[k]! - from[k]!);
  return sum;
}

function multiplyByDifference(map: Float64Array, input: Float32Array, baseline: Float32Array): void {
  for (let k = 0; k < map.length; k++) map[k]! *= input[k]! - baseline[k]!;
}

export const integratedGradientsEntry = defineMethod({
  summary: "each voxel's share of the difference between the logits of the image and of a baseline",
  paper: "Sundararajan, Taly, Yan 2017, arXiv:1703.01365",
  options: {
    steps: {
      kind: "integer",
      default: 32,
      doc: "gradients computed between baseline and image, at least 1; secant takes both ends besides",
    },
    rule: {
      kind: "choice",
      choices: [
        "secant",
        "riemann-middle",
        "riemann-trapezoid",
        "riemann-left",
        "riemann-right",
        "gauss-legendre",
      ],
      default: "secant",
      doc: "how the integral is approximated",
    },
    ...baselineOptions,
    ...chunkSizeOption,
  },
  create: (values) => integratedGradients({ ...values, baseline: baselineFrom(values) }),
});
