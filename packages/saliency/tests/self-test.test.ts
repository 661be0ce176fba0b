import type { InferenceSession, ModelRuntime } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import { selfTest } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

describe("the self-test", () => {
  it("passes on the CPU, with whatever number of threads", async () => {
    for (const threads of [1, 2]) {
      const { error, tolerance } = await selfTest(nodeRuntime({ executionProvider: "cpu", threads }));
      expect(error).toBeLessThan(tolerance);
    }
  });

  it("fails where a runtime is wrong by a ten-thousandth", async () => {
    const { error, tolerance } = await selfTest(distorted(nodeRuntime({ executionProvider: "cpu" }), 1.0001));
    expect(error).toBeGreaterThan(tolerance);
    expect(error).toBeCloseTo(1e-4, 6);
  });
});

/** A runtime whose gradients are too large by a factor. */
function distorted(runtime: ModelRuntime, factor: number): ModelRuntime {
  return {
    ...runtime,
    async createSession(model) {
      const session: InferenceSession = await runtime.createSession(model);
      return {
        ...session,
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        release: () => session.release(),
        async run(feeds, options) {
          const results = await session.run(feeds, options);
          return Object.fromEntries(
            Object.entries(results).map(([name, tensor]) => [
              name,
              tensor.dtype === "float32"
                ? {
                    ...tensor,
                    data: Float32Array.from(tensor.data as Float32Array, (value) => value * factor),
                  }
                : tensor,
            ]),
          );
        },
      };
    },
  };
}
