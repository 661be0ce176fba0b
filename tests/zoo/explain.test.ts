// `voxplain explain` on exported networks, in 2D and 3D, with methods that need gradients, batches, layers and rules.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../../packages/cli/tests/run-voxplain.ts";
import { decodeNpy, encodeNpy } from "../../packages/core/src/index.ts";
import { compareMaps } from "../../packages/saliency/tests/compare-maps.ts";
import { casesOf } from "../long-tests.ts";
import { zooModels } from "./zoo-models.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-zoo-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Explains the first image of a network's batch. */
async function explain(name: string, ...argv: string[]) {
  const zoo = zooModels.find((one) => one.name === name)!;
  const dims = zoo.input.dims.slice(1);
  const data = zoo.input.data.slice(0, zoo.input.data.length / zoo.input.dims[0]!);
  const image = join(folder, `${name}.npy`);
  writeFileSync(image, encodeNpy({ dtype: "float32", dims, data }));
  const model = fileURLToPath(new URL(`fixtures/${name}.onnx`, import.meta.url));
  const output = join(folder, "out");
  const options = ["--use_cpu", "--target", `${zoo.target}`, "--output_dir", output, "--overwrite"];
  const { status, errors } = await voxplain("explain", model, image, ...options, ...argv);
  const map = status === 0 ? decodeNpy(readFileSync(join(output, `${name}.npy`)), name) : undefined;
  return { status, errors, map, zoo, dims };
}

describe("voxplain explain keras_cnn.onnx, whose channels come last", () => {
  it("takes images with channels last, and writes maps with the channels in front", async () => {
    const { map, zoo, dims } = await explain("keras_cnn");
    const [height, width, channels] = dims as [number, number, number];
    expect(map?.dims).toEqual([channels, height, width]);
    const reference = Array.from({ length: channels * height * width }, (_, k) => {
      const size = height * width;
      return zoo.gradient[(k % size) * channels + Math.floor(k / size)]!;
    });
    expect(compareMaps(map?.data as Float32Array, reference).error).toBeLessThan(1e-5);
  });

  it("is inspected as it is stored", async () => {
    const model = fileURLToPath(new URL("fixtures/keras_cnn.onnx", import.meta.url));
    const { output } = await voxplain("inspect", model);
    expect(output).toMatch(/input_1:0: float32 \[\w+, 30, 27, 3\]/);
  });

  it("has layers that Grad-CAM can look at", async () => {
    const { map, dims } = await explain("keras_cnn", "--method", "grad-cam");
    expect(map?.dims).toEqual([1, ...dims.slice(0, 2)]);
  });
});

const networks = casesOf(["resnet", "se_cnn_3d", "vit_3d", "unet_3d"], (name) => name === "se_cnn_3d");
describe.each(networks)("voxplain explain %s.onnx", (name) => {
  it("writes PyTorch's gradient", async () => {
    const { map, zoo, dims } = await explain(name);
    expect(map?.dims).toEqual(dims);
    const values = map?.data as Float32Array;
    expect(compareMaps(values, zoo.gradient.subarray(0, values.length)).error).toBeLessThan(1e-5);
  });

  it.each(["integrated-gradients", "smoothgrad", "guided-backpropagation", "lrp", "deep-lift", "occlusion"])(
    "takes --method %s",
    async (method) => {
      const { status, errors, map } = await explain(name, "--method", method);
      expect(errors).not.toContain("voxplain:");
      expect(status).toBe(0);
      const norm = Math.hypot(...Array.from(map?.data ?? [], Number));
      expect(norm).toBeGreaterThan(0);
      expect(norm).toBeLessThan(Number.POSITIVE_INFINITY);
    },
  );

  it("takes --method grad-cam, or names layers that it can take", async () => {
    const { status, errors, map, dims } = await explain(name, "--method", "grad-cam");
    if (name !== "vit_3d") return expect(map?.dims).toEqual([1, ...dims.slice(1)]);
    expect(status).toBe(2);
    expect(errors).toContain("this network has attention; say which layer to look at");
    const layer = errors
      .trim()
      .split(/, | are /)
      .at(-1)!;
    const chosen = await explain(name, "--method", "grad-cam", "--layer", layer);
    expect(chosen.map?.dims).toEqual([1, ...dims.slice(1)]);
  });
});
