// Exported networks of every kind, from the file to the gradient, beside PyTorch in float64.
import type { ModelRuntime, NamedTensors } from "@voxplain/core";
import { encodeModel, type Model } from "@voxplain/onnx-graph";
import { differentiableModel, gradCam } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { lower } from "../../packages/lowering/src/index.ts";
import { differentiate } from "../../packages/onnx-autodiff/src/index.ts";
import { wasmInNode } from "../../packages/runtime-web/tests/wasm-in-node.ts";
import { compareMaps } from "../../packages/saliency/tests/compare-maps.ts";
import { recordAccuracy } from "../accuracy.ts";
import { directRuntime, runOnnx } from "../direct-runtime.ts";
import { casesOf } from "../long-tests.ts";
import { decodeZooModel, openZooModel, openZooNetwork, type ZooModel, zooModels } from "./zoo-models.ts";

const runtime = directRuntime();

async function runOn(by: ModelRuntime, model: Model, feeds: NamedTensors): Promise<NamedTensors> {
  const session = await by.createSession(await encodeModel(lower(model, by.lowering)));
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Relative L2 distances from PyTorch in float64. */
async function errorsOn(by: ModelRuntime, zoo: ZooModel) {
  const opened = await openZooModel(zoo);
  const { model, cotangent, gradients } = differentiate(opened.model, { output: opened.output });
  const found = await runOn(by, model, { [opened.input]: zoo.input, [cotangent]: zoo.cotangent });
  const gradient = found[gradients[opened.input] ?? ""];
  expect(gradient?.dims).toEqual(zoo.input.dims);
  return {
    output: compareMaps(found[opened.output]?.data as Float32Array, zoo.output).error,
    gradient: compareMaps(gradient?.data as Float32Array, zoo.gradient).error,
  };
}

/** Convolutions in 2D and 3D, channels last, attention, segmentation, group normalization, dense connections. */
const oneOfEachKind = ["densenet", "groupnorm", "keras_separable", "se_cnn_3d", "swin", "unet_3d", "vit_3d"];
const chosen = casesOf(zooModels, ({ name }) => oneOfEachKind.includes(name));

describe.each(chosen.map((zoo) => [zoo.title, zoo.opset, zoo] as const))(
  "%s, operator set %d",
  (_, __, zoo) => {
    it("has PyTorch's output and gradient", async () => {
      const { output, gradient } = await errorsOn(runtime, zoo);
      // Float32 through some ten to a hundred layers; the inputs keep away from the edges of ReLU and of maxima.
      expect(output).toBeLessThan(1e-5);
      expect(gradient).toBeLessThan(1e-5);
    });

    it("has the output of the file to the bit when it is differentiated", async () => {
      const opened = await openZooModel(zoo);
      const { model, cotangent } = differentiate(opened.model, { output: opened.output });
      const image = { [opened.input]: zoo.input };
      // ONNX Runtime merges operators; which ones depends on whether others read the values between them.
      const plain = await runOnnx(await decodeZooModel(zoo, opened.output), image, "disabled");
      const found = await runOnnx(model, { ...image, [cotangent]: zoo.cotangent }, "disabled");
      expect(found[opened.output]).toEqual(plain[opened.output]);
    });
  },
);

describe("in WebAssembly", () => {
  const names = ["densenet", "vit", "unet_3d", "keras_separable"];
  it.each(casesOf(names, (name) => name === "unet_3d"))("%s has PyTorch's gradient", async (name) => {
    const { output, gradient } = await errorsOn(wasmInNode(), zooModels.find((zoo) => zoo.name === name)!);
    expect(output).toBeLessThan(1e-5);
    expect(gradient).toBeLessThan(1e-5);
  });
});

describe("on the tokens before an attention, Grad-CAM is PyTorch's", () => {
  it.each(zooModels.flatMap((zoo) => (zoo.gradCam ? [[zoo.title, zoo, zoo.gradCam] as const] : [])))(
    "%s",
    async (_, zoo, { layer, map }) => {
      const network = await openZooNetwork(zoo);
      const model = differentiableModel(network, runtime);
      const found = await gradCam({ layer })(model, zoo.input, zoo.target ?? 0);
      await model.release();
      expect(found.map.dims).toEqual([zoo.input.dims[0], 1, ...zoo.input.dims.slice(2)]);
      const { error } = compareMaps(found.map.data, map);
      recordAccuracy("methods", `grad-cam zoo ${zoo.name}`, {
        method: "grad-cam",
        network: `${zoo.name}.onnx`,
        options: `layer ${layer}`,
        error,
      });
      expect(error).toBeLessThan(1e-5);
    },
  );
});
