import { elementCount, type Tensor, VoxplainError } from "@voxplain/core";
import { blur } from "./numerics/blur.ts";
import { checkSize } from "./option-range.ts";

/**
 * What stands for "nothing to see": 0 everywhere, another number, each channel's mean over the input, the input
 * blurred (σ in voxels), or an input of the same shape, [...inputDims] or [1, ...inputDims].
 */
export type Baseline =
  | "zero"
  | "mean"
  | number
  | {
      /** σ in voxels, above 0. */
      readonly blur: number;
    }
  | Tensor<"float32">;

/** The options of a baseline in a table of options. */
export const baselineOptions = {
  baseline: {
    kind: "choice",
    choices: ["zero", "mean", "blur"],
    default: "zero",
    doc: "what the input is compared with: zero, each channel's mean, or the input blurred",
  },
  baselineSigma: { kind: "number", default: 5, unit: "voxels", doc: "σ of the blur" },
  baselineImage: { kind: "image", doc: "an image to compare with, instead of baseline" },
} as const;

export function baselineFrom(values: {
  readonly baseline: "zero" | "mean" | "blur";
  readonly baselineSigma: number;
  readonly baselineImage: Tensor<"float32"> | undefined;
}): Baseline {
  if (values.baselineImage) return values.baselineImage;
  return values.baseline === "blur" ? { blur: values.baselineSigma } : values.baseline;
}

/** @throws VoxplainError `invalid-argument` for a number that is not finite or a σ that is not above 0, or above 1000. */
export function checkBaseline(baseline: Baseline): void {
  if (typeof baseline === "object" && "blur" in baseline) {
    checkSize("the blur of the baseline", baseline.blur, "positive");
    if (baseline.blur > 1000) {
      throw new VoxplainError("invalid-argument", "the blur of the baseline must be at most 1000 voxels", {
        found: `${baseline.blur}`,
      });
    }
  }
  if (typeof baseline === "number" && !Number.isFinite(baseline)) {
    throw new VoxplainError("invalid-argument", "the baseline must be a finite number", {
      found: `${baseline}`,
    });
  }
}

/**
 * The baseline of each input, [...dims]. One that is the same for all is stored once.
 * @throws VoxplainError `mismatch` when a given one has another shape.
 */
export function baselinesOf(
  baseline: Baseline,
  inputs: readonly Float32Array[],
  dims: readonly number[],
): Float32Array[] {
  if (typeof baseline === "object" && "blur" in baseline) {
    return inputs.map((input) => blur(input, dims, baseline.blur));
  }
  if (baseline === "mean") return inputs.map((input) => channelMeans(input, dims));
  const shared = sharedBaseline(baseline, dims);
  return inputs.map(() => shared);
}

function sharedBaseline(
  baseline: "zero" | number | Tensor<"float32">,
  dims: readonly number[],
): Float32Array {
  if (typeof baseline !== "object") {
    return new Float32Array(elementCount(dims)).fill(baseline === "zero" ? 0 : baseline);
  }
  const given = baseline.dims.join();
  if (given !== dims.join() && given !== [1, ...dims].join()) {
    throw new VoxplainError("mismatch", "the baseline has another shape than the input", {
      expected: `[${dims.join(", ")}]`,
      found: `[${baseline.dims.join(", ")}]`,
    });
  }
  return baseline.data;
}

function channelMeans(input: Float32Array, dims: readonly number[]): Float32Array {
  const size = elementCount(dims.slice(1));
  const result = new Float32Array(input.length);
  for (let start = 0; start < input.length; start += size) {
    const sum = input.subarray(start, start + size).reduce((total, value) => total + value, 0);
    result.fill(sum / size, start, start + size);
  }
  return result;
}
