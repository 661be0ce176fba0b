import { readFileSync } from "node:fs";
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { differentiableModel, integratedGradients } from "@voxplain/saliency";
import { expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { sample, sampleImages } from "./sample-images.ts";

interface SampleDelta {
  readonly model: string;
  readonly fold: number;
  /** logit(x) − logit(0). */
  readonly difference: number;
  readonly delta: number;
}

const { steps, networks }: { readonly steps: number; readonly networks: readonly SampleDelta[] } = JSON.parse(
  readFileSync(new URL("fixtures/sample-deltas.json", import.meta.url), "utf8"),
);

it.each(networks)(
  "integrated gradients of $model, fold $fold, miss the difference of the logits by as much as PyTorch's in float64",
  async ({ model: name, fold, ...expected }) => {
    const folder = await openModelFolder(directory(`${sample}/models/${name}`));
    const inputDims = [1, 85, 104, 90];
    const network = await loadNetwork(folder, fold, "best_balanced_accuracy", { inputDims });
    const model = differentiableModel(network, directRuntime());
    for await (const { input } of sampleImages(1)) {
      const batch = tensor("float32", [1, ...input.dims], input.data);
      const { map, delta } = await integratedGradients({ steps })(model, batch, 1);
      // Measured: 1e-7 to 3e-7 of the difference, and 9e-6 where float32 chooses a maximum otherwise. Room for three such.
      const rounding = 3e-5 * Math.abs(expected.difference);
      expect(Math.abs(expected.delta)).toBeGreaterThan(100 * rounding);
      expect(Math.abs(delta![0]! - expected.delta)).toBeLessThan(rounding);
      const sum = map.data.reduce((total, value) => total + value, 0);
      expect(Math.abs(sum - expected.difference - expected.delta)).toBeLessThan(rounding);
    }
    await model.release();
    expect.assertions(3);
  },
);
