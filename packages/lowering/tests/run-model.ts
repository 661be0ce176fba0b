import type { NamedTensors } from "@voxplain/core";
import { encodeModel, type Model } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";

/** Computes a model's outputs with ONNX Runtime. */
export async function runModel(model: Model, feeds: NamedTensors): Promise<NamedTensors> {
  const session = await nodeRuntime({ executionProvider: "cpu", threads: 1 }).createSession(
    await encodeModel(model),
  );
  try {
    const known = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
    return await session.run(Object.fromEntries(known));
  } finally {
    await session.release();
  }
}
