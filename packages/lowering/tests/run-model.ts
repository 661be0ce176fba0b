import type { NamedTensors } from "@voxplain/core";
import { encodeModel, type Model } from "@voxplain/onnx-graph";
import { directRuntime } from "../../../tests/direct-runtime.ts";

/** Computes a model's outputs with ONNX Runtime. */
export async function runModel(model: Model, feeds: NamedTensors): Promise<NamedTensors> {
  const session = await directRuntime().createSession(await encodeModel(model));
  try {
    const known = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
    return await session.run(Object.fromEntries(known));
  } finally {
    await session.release();
  }
}
