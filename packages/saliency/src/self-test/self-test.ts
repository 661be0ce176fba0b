import { elementAt, type ModelRuntime, tensor } from "@voxplain/core";
import { graphBuilder, modelOf, type Network } from "@voxplain/onnx-graph";
import { differentiableModel } from "../differentiable-model.ts";
import { gradients } from "../methods/gradients.ts";
import { referenceGradient, referenceLogits } from "./reference.ts";

/** How exact a runtime is here. */
export interface SelfTest {
  /** The larger of the errors of gradient and logits, relative to PyTorch's in float64: ‖found − reference‖ / ‖reference‖. */
  readonly error: number;
  /** The largest error of a runtime that works. */
  readonly tolerance: number;
}

const inputDims = [1, 5, 7, 6] as const;

/**
 * Compares the gradient of a small 3D network on a runtime with PyTorch's in float64: a device that computes wrongly is
 * found in a second, without a model.
 * @throws VoxplainError `device-unavailable` or `computation-failed` where the runtime cannot compute.
 */
export async function selfTest(runtime: ModelRuntime): Promise<SelfTest> {
  const model = differentiableModel(network(), runtime);
  try {
    const { map, logits } = await gradients(model, sixteenths([1, ...inputDims], 13), 1);
    const error = Math.max(
      relativeError(map.data, referenceGradient),
      relativeError(logits.data, referenceLogits),
    );
    return { error, tolerance: toleranceOf(runtime) };
  } finally {
    await model.release();
  }
}

/** Five layers in float32 differ by some 1e-7; GPUs may multiply with the 10 bits of TF32, or sum in another order. */
function toleranceOf({ executionProvider }: ModelRuntime): number {
  return executionProvider === "cpu" || executionProvider === "wasm" ? 1e-5 : 5e-3;
}

/** Convolution, ReLU, max-pooling, convolution, sigmoid, linear layer: [1, 1, 5, 7, 6] → [1, 2]. */
function network(): Network {
  const graph = graphBuilder("self-test");
  const weight = (name: string, dims: readonly number[], step: number, shift = 0) =>
    graph.initializer(name, sixteenths(dims, step, shift));
  const input = graph.input("image", "float32", ["batch", ...inputDims]);
  const first = graph.add(
    "Conv",
    [input, weight("conv0.weight", [3, 1, 3, 3, 3], 7), weight("conv0.bias", [3], 5, 1 / 512)],
    { pads: [1, 1, 1, 1, 1, 1] },
  );
  const pooled = graph.add("MaxPool", [graph.add("Relu", [first])], {
    kernel_shape: [2, 2, 2],
    strides: [2, 2, 2],
  });
  const second = graph.add("Conv", [
    pooled,
    weight("conv1.weight", [4, 3, 2, 2, 2], 9),
    weight("conv1.bias", [4], 3),
  ]);
  const flat = graph.add("Flatten", [graph.add("Sigmoid", [second])]);
  const logits = graph.add(
    "Gemm",
    [flat, weight("linear.weight", [2, 16], 11), weight("linear.bias", [2], 2)],
    { transB: 1 },
    { outputs: ["logits"] },
  );
  graph.output(logits, "float32", ["batch", 2]);
  return { model: modelOf(graph.build()), input, logits, inputDims, classCount: 2 };
}

/** Sixteenths from -11/16 to 11/16, exact in float32; the script that made the reference has the same. */
function sixteenths(dims: readonly number[], step: number, shift = 0) {
  const count = dims.reduce((product, length) => product * length, 1);
  return tensor(
    "float32",
    [...dims],
    Float32Array.from({ length: count }, (_, k) => (((k * step) % 23) - 11) / 16 + shift),
  );
}

function relativeError(found: ArrayLike<number>, reference: readonly number[]): number {
  const norm = (values: readonly number[]) => Math.hypot(...values);
  return norm(reference.map((value, k) => value - elementAt(found, k))) / norm(reference);
}
