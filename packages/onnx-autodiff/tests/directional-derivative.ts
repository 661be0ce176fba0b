import { elementCount, type Tensor, tensor } from "@voxplain/core";
import type { Model } from "@voxplain/onnx-graph";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { normals, uniform } from "../../../tests/random.ts";
import { differentiate } from "../src/index.ts";

export function drawn(dims: readonly number[], seed: number): Tensor<"float32"> {
  return tensor("float32", dims, Float32Array.from(normals(uniform(seed), elementCount(dims))));
}

/**
 * The derivative of a random combination of y along a random direction of x, both in ONNX Runtime: by
 * the gradient, and by central differences of the given model.
 */
export async function directionalDerivatives(
  given: Model,
  dims: readonly number[],
): Promise<{ readonly found: number; readonly expected: number }> {
  const { model, cotangent, gradients } = differentiate(given);
  const x = drawn(dims, 5);
  const { y } = await runOnnx(given, { x });
  const dy = drawn(y!.dims, 6);
  const gradient = (await runOnnx(model, { x, [cotangent]: dy }))[gradients.x!]!;
  const direction = drawn(dims, 7);
  const step = 2 ** -7;
  const along = async (sign: number) => {
    const moved = Float32Array.from(x.data, (value, k) => value + sign * step * direction.data[k]!);
    return dot((await runOnnx(given, { x: tensor("float32", dims, moved) })).y!, dy);
  };
  const expected = ((await along(1)) - (await along(-1))) / (2 * step);
  return { found: dot(gradient, direction), expected };
}

function dot(a: Tensor, b: Tensor<"float32">): number {
  return Array.from(a.data, Number).reduce((sum, value, k) => sum + value * b.data[k]!, 0);
}
