import type { ModelRuntime } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { nodeRuntime } from "@voxplain/runtime-node";
import { expect, it } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import { samplePath } from "./open-sample.ts";

it("opens one session for a prediction and the explanation behind it, where sessions copy the weights", async () => {
  let opened = 0;
  const runtime: ModelRuntime = nodeRuntime({ executionProvider: "cpu" });
  const engine = createEngine(() => ({
    ...runtime,
    copiesWeights: true,
    createSession(model, options) {
      opened++;
      return runtime.createSession(model, options);
    },
  }));
  await engine.open(directory(samplePath));
  const [image] = engine.images;
  if (image === undefined) throw new RangeError("the sample has images");
  const request = { network: engine.model?.networks[0], method: "gradients", options: {} };
  const { predictedClass } = await engine.predict(image, request);
  const { prediction } = await engine.explain(image, { ...request, target: predictedClass });
  expect(prediction.predictedClass).toBe(predictedClass);
  expect(opened).toBe(1);
  await engine.release();
});
