import { createRequire } from "node:module";
import type { DType, NamedTensors, Tensor } from "@voxplain/core";
import { encodeModel, type Model } from "@voxplain/onnx-graph";

interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Tensor["data"];
}

/** The part of onnxruntime-node that is used here. */
interface Ort {
  readonly Tensor: new (type: string, data: Tensor["data"], dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{
      run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
      release(): Promise<void>;
    }>;
  };
}

// Without the worker thread of the adapter: hundreds of tiny sessions are opened here.
const runtimePackage = createRequire(import.meta.url).resolve("@voxplain/runtime-node/package.json");
const ort: Ort = createRequire(runtimePackage)("onnxruntime-node");

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
