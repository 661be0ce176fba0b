import { elementAt, elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import {
  type ChunkOptions,
  checkChunkSize,
  chunkSizeOption,
  eachVariant,
  lenderOf,
  logitsInChunks,
  rowsOf,
} from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import type { Cohort } from "../method-options.ts";
import { randomWords, uniforms } from "../numerics/random.ts";
import { addProducts, divided, interpolate, subtract, total } from "../numerics/vectors.ts";
import { checkWhole, seedOption } from "../option-range.ts";
import { exactly } from "../passes.ts";

/** Options of expected gradients. */
export interface ExpectedGradientsOptions extends ChunkOptions {
  /** What inputs are compared with: at least one. */
  readonly references: Cohort | readonly Tensor<"float32">[];
  /** Pairs of a reference and a position on the path to the input; default 32. */
  readonly samples?: number;
  /** Default 0. Every input gets the same references and positions, whatever its place in a batch. */
  readonly seed?: number;
}

/**
 * Mean of (x − r) · ∂ logit[target] / ∂x at r + α (x − r), over references r drawn from a cohort and α drawn from
 * 0 to 1: integrated gradients with the cohort for a baseline; GradientSHAP without noise. `delta` is
 * the map's error against logit(x) − mean logit of the references that were drawn, and `unexplained` what of it exceeds
 * three standard errors of the samples.
 * Erion, Janizek, Sturmfels, Lundberg, Lee 2021, arXiv:1906.10670.
 * @throws VoxplainError `invalid-argument` for an empty cohort or an option out of range; `mismatch` for a
 * reference of another shape than the inputs.
 */
export function expectedGradients(options: ExpectedGradientsOptions): AttributionMethod {
  const { samples = 32, seed = 0 } = options;
  const cohort = cohortOf(options.references);
  checkWhole("samples", samples, 1);
  checkWhole("seed", seed, 0);
  checkWhole("the number of references", cohort.length, 1);
  checkChunkSize(options);
  const drawn = drawReferences(cohort.length, samples, seed);
  const positions = drawn.map((_, sample) =>
    elementAt(uniforms({ seed, sample, purpose: "position" }, 1), 0),
  );
  return async (model, input, target) => {
    const { inputDims, classCount } = model;
    const size = elementCount(inputDims);
    const inputs = rowsOf(input);
    const sums = new Float64Array(input.data.length);
    const differences = new Map<number, Float32Array>();
    // What each sample contributes to the sum of each input's map.
    const contributions = new Float64Array(samples * inputs.length);
    const referenceLogits = new Map<number, number>();
    // A reference is read once for all inputs; those in flight keep their difference until it is needed.
    let current: { readonly sample: number; readonly reference: Float32Array } | undefined;
    await eachVariant({
      ...options,
      count: samples * inputs.length,
      dims: inputDims,
      write: async (index, into) => {
        const sample = Math.floor(index / inputs.length);
        const values = elementAt(inputs, index % inputs.length);
        if (current?.sample !== sample) {
          current = { sample, reference: await referenceAt(cohort, elementAt(drawn, sample), inputDims) };
        }
        const difference = new Float32Array(size);
        subtract(values, current.reference, difference);
        interpolate(current.reference, values, elementAt(positions, sample), into);
        differences.set(index, difference);
      },
      lender: lenderOf(model, "gradient"),
      compute: (batch) => model.gradient(batch, target, { borrow: true }),
      read: ({ gradient }, row, index) => {
        const at = (index % inputs.length) * size;
        const own = sums.subarray(at, at + size);
        contributions[index] = addProducts(own, gradient.data, row * size, taken(differences, index));
        differences.delete(index);
      },
    });
    const distinct = [...new Set(drawn)];
    await eachVariant({
      ...options,
      count: distinct.length,
      dims: inputDims,
      write: async (index, into) =>
        into.set(await referenceAt(cohort, elementAt(distinct, index), inputDims)),
      compute: (batch) => model.forward(batch),
      read: (logits, row, index) => {
        referenceLogits.set(elementAt(distinct, index), elementAt(logits.data, row * classCount + target));
      },
    });
    const logits = await logitsInChunks(model, inputs, options);
    const ofReferences = drawn.map((which) => taken(referenceLogits, which));
    const delta = inputs.map((_, n) => {
      const missed =
        total(sums.subarray(n * size, (n + 1) * size)) + ofReferences.reduce((sum, logit) => sum + logit, 0);
      return missed / samples - elementAt(logits.data, n * classCount + target);
    });
    // Beyond three standard errors chance alone does not explain what is missed.
    const unexplained = delta.map((missed, n) => {
      const misses = ofReferences.map(
        (logit, sample) => elementAt(contributions, sample * inputs.length + n) + logit,
      );
      return Math.sign(missed) * Math.max(0, Math.abs(missed) - 3 * standardError(misses));
    });
    const map = tensor("float32", input.dims, divided(sums, samples));
    return { map, logits, delta, unexplained };
  };
}

/** The place in the cohort of each sample's reference. */
function drawReferences(length: number, samples: number, seed: number): readonly number[] {
  // Floor of u · length: every reference is as likely as the others to within 2⁻³².
  return Array.from({ length: samples }, (_, sample) => {
    const word = elementAt(randomWords({ seed, sample, purpose: "reference" }, 1), 0);
    return Math.floor((word / 2 ** 32) * length);
  });
}

function cohortOf(references: Cohort | readonly Tensor<"float32">[]): Cohort {
  if ("read" in references) return references;
  return { length: references.length, read: async (index) => elementAt(references, index) };
}

async function referenceAt(cohort: Cohort, index: number, dims: readonly number[]): Promise<Float32Array> {
  const reference = await cohort.read(index);
  const given = reference.dims.join();
  if (given === dims.join() || given === [1, ...dims].join()) return reference.data;
  throw new VoxplainError("mismatch", `reference ${index} has another shape than the network takes`, {
    expected: `[${dims.join(", ")}]`,
    found: `[${reference.dims.join(", ")}]`,
  });
}

/** What was kept under a key. */
function taken<Value>(kept: ReadonlyMap<number, Value>, key: number): Value {
  const value = kept.get(key);
  if (value === undefined) throw new RangeError(`nothing was kept for ${key}`);
  return value;
}

/** Standard error of the mean; 0 for a single value. */
function standardError(values: readonly number[]): number {
  const count = values.length;
  if (count < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (count - 1) / count);
}

export const expectedGradientsEntry = defineMethod({
  name: "expected-gradients",
  title: "Expected gradients",
  summary:
    "each voxel's share of the difference between the logit of the image and the mean logit of a cohort",
  paper: "Erion, Janizek, Sturmfels, Lundberg, Lee 2021, arXiv:1906.10670 (GradientSHAP: Lundberg, Lee 2017)",
  options: {
    references: { kind: "cohort", required: true, doc: "images to compare with" },
    samples: {
      kind: "integer",
      default: 32,
      doc: "pairs of a reference and a position between it and the image",
    },
    ...seedOption,
    ...chunkSizeOption,
  },
  // Each sample, each reference that was drawn, and the input.
  passes: ({ references, samples, seed }) =>
    exactly(samples + new Set(drawReferences(references.length, samples, seed)).size + 1),
  create: expectedGradients,
});
