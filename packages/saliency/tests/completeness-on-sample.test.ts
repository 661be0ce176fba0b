import { fileURLToPath } from "node:url";
import { locateImages, readImages, readLabels } from "@voxplain/caps-io";
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel, integratedGradients } from "@voxplain/saliency";
import { expect, it } from "vitest";

const sample = fileURLToPath(new URL("../../../sample", import.meta.url));

it.each([
  ["random_small", 0],
  ["random_small", 1],
  ["conv5_fc3_down", 0],
])(
  "integrated gradients of %s, fold %i, with 32 steps miss the difference of the logits by less than a hundredth",
  async (name, fold) => {
    const caps = directory(`${sample}/caps`);
    const { sessions } = await readLabels(directory(`${sample}/labels`), "", {
      diagnosis: "AD",
      baseline: false,
    });
    const images = await locateImages(caps, "t1-linear-downsampled", sessions.slice(0, 1));
    const folder = await openModelFolder(directory(`${sample}/models/${name}`));
    const network = await loadNetwork(folder, fold, "best_balanced_accuracy", {
      inputDims: [1, 85, 104, 90],
    });
    const model = differentiableModel(network, nodeRuntime({ executionProvider: "cpu", threads: 2 }));
    let explained = 0;
    for await (const { input } of readImages(caps, images, { normalize: true, readAhead: 1 })) {
      const batch = tensor("float32", [1, ...input.dims], input.data);
      const { map, delta } = await integratedGradients()(model, batch, 1);
      const sum = map.data.reduce((total, value) => total + value, 0);
      const difference = sum - delta![0]!;
      expect(Math.abs(delta![0]!)).toBeLessThan(0.01 * Math.abs(difference));
      explained++;
    }
    expect(explained).toBe(1);
    await model.release();
  },
);
