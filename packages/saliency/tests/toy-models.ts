import { elementCount, type Tensor, tensor } from "@voxplain/core";
import type { DifferentiableModel } from "@voxplain/saliency";

/** A model as a formula, which remembers how many inputs it was given at once. */
export interface ToyModel extends DifferentiableModel {
  readonly batchSizes: number[];
}

/**
 * Two logits of each input, −value and value, and the gradient of value. Its layer "layer" is the input itself.
 */
function toyModel(
  inputDims: readonly number[],
  value: (input: Float32Array) => number,
  slope: (input: Float32Array) => ArrayLike<number>,
): ToyModel {
  const batchSizes: number[] = [];
  const size = elementCount(inputDims);
  const rows = (input: Tensor<"float32">) => {
    batchSizes.push(input.dims[0]!);
    return Array.from({ length: input.dims[0]! }, (_, n) => input.data.subarray(n * size, (n + 1) * size));
  };
  const logitsOf = (inputs: readonly Float32Array[]) =>
    tensor(
      "float32",
      [inputs.length, 2],
      Float32Array.from(inputs.flatMap((input) => [-value(input), value(input)])),
    );
  return {
    inputDims,
    classCount: 2,
    layers: [{ name: "layer", operator: "Identity", dims: inputDims }],
    batchSizes,
    forward: async (input) => logitsOf(rows(input)),
    async gradient(input, target) {
      const inputs = rows(input);
      const sign = target === 1 ? 1 : -1;
      const gradient = inputs.flatMap((one) => Array.from(slope(one), (part) => sign * part));
      return {
        gradient: tensor("float32", input.dims, Float32Array.from(gradient)),
        logits: logitsOf(inputs),
        values: input,
      };
    },
    release: async () => {},
  };
}

/** value = Σ weightₖ · xₖ */
export function linearModel(inputDims: readonly number[], weights: readonly number[]): ToyModel {
  return toyModel(
    inputDims,
    (input) => input.reduce((sum, x, k) => sum + weights[k]! * x, 0),
    () => weights,
  );
}

/** value = Σ xₖ³ / 3 + x₀ · xₙ */
export function cubicModel(inputDims: readonly number[]): ToyModel {
  const last = elementCount(inputDims) - 1;
  return toyModel(
    inputDims,
    (input) => input.reduce((sum, x) => sum + x ** 3 / 3, input[0]! * input[last]!),
    (input) => input.map((x, k) => x * x + (k === 0 ? input[last]! : k === last ? input[0]! : 0)),
  );
}

/** value = Σ max(0, xₖ − bendₖ), whose gradient jumps along a path: at xₖ = bendₖ it is 0. */
export function bentModel(inputDims: readonly number[], bends: readonly number[]): ToyModel {
  return toyModel(
    inputDims,
    (input) => input.reduce((sum, x, k) => sum + Math.max(0, x - bends[k]!), 0),
    (input) => input.map((x, k) => (x > bends[k]! ? 1 : 0)),
  );
}

/** Inputs with values between −1 and 1 that have no pattern. */
export function someInputs(count: number, inputDims: readonly number[]): Tensor<"float32"> {
  const data = Float32Array.from({ length: count * elementCount(inputDims) }, (_, k) =>
    Math.sin(12.9898 * (k + 1)),
  );
  return tensor("float32", [count, ...inputDims], data);
}
