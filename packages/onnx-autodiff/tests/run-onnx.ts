import type { DType, NamedTensors, Tensor } from "@voxplain/core";
import { encodeModel, type Model } from "@voxplain/onnx-graph";
import { type OrtTensor, ort } from "../../../tests/direct-runtime.ts";

/**
 * Computes the outputs of a model with ONNX Runtime on the CPU, in the precision that the model states.
 * @param optimization - "disabled" computes node by node, as the model spells it.
 */
export async function runOnnx(
  model: Model,
  feeds: NamedTensors,
  optimization: "all" | "disabled" = "all",
): Promise<NamedTensors> {
  const { proto } = await encodeModel(model, { externalData: "inline" });
  const options = { intraOpNumThreads: 1, graphOptimizationLevel: optimization, logSeverityLevel: 3 };
  const session = await ort.InferenceSession.create(proto, options);
  try {
    const fed = Object.entries(feeds).map(
      ([name, { dtype, dims, data }]) => [name, new ort.Tensor(dtype, data, dims)] as const,
    );
    const results = await session.run(Object.fromEntries(fed));
    return Object.fromEntries(Object.entries(results).map(([name, found]) => [name, ours(found)]));
  } finally {
    await session.release();
  }
}

function ours({ type, dims, data }: OrtTensor): Tensor {
  return { dtype: type as DType, dims, data } as Tensor;
}
