import { runtimeContract } from "@voxplain/core/testing";
import { nodeDevices, nodeRuntime } from "@voxplain/runtime-node";
import { describe, expect, it } from "vitest";
import { useSwiftShader } from "./swiftshader.ts";

describe.skipIf(!useSwiftShader())("onnxruntime-node on WebGPU", () => {
  describe("keeps the contract of a runtime: it", () => {
    for (const { name, run } of runtimeContract(() => nodeRuntime({ executionProvider: "webgpu" }))) {
      it(name, run);
    }
  });

  it("is usable, and known to be an imitation by the processor", async () => {
    expect(await nodeDevices(["webgpu"])).toEqual([
      expect.objectContaining({ executionProvider: "webgpu", usable: true, software: true }),
    ]);
  });
});
