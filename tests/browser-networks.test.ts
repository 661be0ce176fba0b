// Networks of every kind in Chromium, on WebAssembly and on WebGPU, beside onnxruntime-node on the CPU.

import type { ModelRuntime } from "@voxplain/core";
import { buildNetwork } from "@voxplain/model-loader";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel } from "@voxplain/saliency";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { networkFixture } from "../packages/model-loader/tests/network-fixtures.ts";
import { findChromium } from "../packages/runtime-web/tests/find-chromium.ts";
import { type OpenPage, openPage } from "../packages/runtime-web/tests/open-page.ts";
import { pageRuntime } from "../packages/runtime-web/tests/page-runtime.ts";
import { casesOf } from "./long-tests.ts";

const executablePath = findChromium();

/** What the project promises; for WebGPU two, because the processor imitates the graphics card. */
const promises = [
  {
    provider: "wasm",
    tolerance: 1e-5,
    names: ["convnet", "random_2d_batch_stride", "random_3d_batch_pool", "random_3d_instance_stride"],
  },
  { provider: "webgpu", tolerance: 1e-4, names: ["convnet", "random_3d_batch_pool"] },
] as const;

let opened: OpenPage;
beforeAll(async () => {
  if (executablePath !== undefined) opened = await openPage(executablePath, { isolated: true });
});
afterAll(() => opened?.close());

describe.skipIf(executablePath === undefined).each(promises)(
  "in Chromium on $provider",
  ({ provider, tolerance, names }) => {
    const short = { wasm: "random_3d_batch_pool", webgpu: "convnet" }[provider];
    it.each(casesOf(names, (name) => name === short))(
      "%s has the gradient that it has in Node",
      async (name) => {
        const { settings, stateDict, inputDims, input, target } = networkFixture(name);
        const gradientBy = async (runtime: ModelRuntime) => {
          const model = differentiableModel(buildNetwork(settings, stateDict, inputDims), runtime);
          const { gradient } = await model.gradient(input(), target);
          await model.release();
          return gradient.data;
        };
        const found = await gradientBy(pageRuntime(opened.page, provider));
        const expected = await gradientBy(nodeRuntime({ executionProvider: "cpu", threads: 2 }));
        const difference = Math.sqrt(expected.reduce((sum, value, k) => sum + (found[k]! - value) ** 2, 0));
        const norm = Math.sqrt(expected.reduce((sum, value) => sum + value ** 2, 0));
        expect(difference / norm).toBeLessThan(tolerance);
      },
    );
  },
);
