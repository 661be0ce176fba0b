import { readFileSync } from "node:fs";
import { memoryFiles } from "@voxplain/core";
import { encodeNpy } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { nodeEngine, onnxPath, relativeError } from "./open-sample.ts";

const expected: Record<"volume" | "picture", { target: number; logits: number[]; gradient: number[] }> & {
  volume: { affine: number[][] };
} = JSON.parse(readFileSync(`${onnxPath}/expected.json`, "utf8"));

/** Some files of a folder, as a page gets them when they are dropped together. */
async function dropped(...names: string[]) {
  const files = memoryFiles(new Map(), "dropped");
  for (const name of names) await files.write(name, readFileSync(`${onnxPath}/${name}`));
  return files;
}

describe("an ONNX file in the engine", () => {
  it.each(["volume.nii.gz", "volume.npy", "volume.pt"])("explains %s as PyTorch does", async (name) => {
    const engine = nodeEngine();
    const { model, images, problems } = await engine.open(await dropped("volume.onnx", name));
    expect(problems).toEqual([]);
    expect(model).toMatchObject({ name: "volume.onnx", kind: "onnx", networks: [] });
    expect(model?.classes).toEqual(["class 0", "class 1", "class 2"]);
    expect(model?.facts.find(({ label }) => label === "Intensities")?.value).toContain("min-max");
    expect(images.map((image) => image.name)).toEqual([name]);
    const { target, gradient, affine } = expected.volume;
    const request = { network: undefined, method: "gradients", options: {}, target };
    const explanation = await engine.explain(images[0]!, request);
    expect(explanation.prediction.predictedClass).toBe(target);
    // Float32 against float64, three small layers.
    expect(relativeError(explanation.map.data, Float32Array.from(gradient))).toBeLessThan(1e-5);
    expect(explanation.isPlaced).toBe(name === "volume.nii.gz");
    if (explanation.isPlaced) {
      const found = explanation.map.affine.flat();
      for (const [k, value] of affine.flat().entries()) expect(found[k]).toBeCloseTo(value, 6);
    }
    expect(engine.model?.layers.length).toBeGreaterThan(0);
    await engine.release();
  });

  it("explains a picture of three channels as a volume one voxel deep", async () => {
    const engine = nodeEngine();
    const files = await dropped("picture.onnx");
    const data = Float32Array.from({ length: 360 }, (_, k) => Math.sin(k));
    await files.write("picture.npy", encodeNpy({ dtype: "float32", dims: [3, 12, 10], data }));
    const { images } = await engine.open(files);
    const request = { network: undefined, method: "gradients", options: {}, target: 2 };
    const { map, anatomy, stored } = await engine.explain(images[0]!, request);
    expect([map.shape, anatomy.shape, stored.dims]).toEqual([
      [12, 10, 1],
      [12, 10, 1],
      [3, 12, 10],
    ]);
    expect([Math.min(...anatomy.data), Math.max(...anatomy.data)]).toEqual([0, 1]);
    await engine.release();
  });

  it("says of an image of another shape which shapes there are", async () => {
    const engine = nodeEngine();
    const files = await dropped("volume.onnx", "volume.npy");
    const data = Float32Array.from({ length: 5 * 6 * 7 }, (_, k) => k);
    await files.write("other.npy", encodeNpy({ dtype: "float32", dims: [5, 6, 7], data }));
    const { images, problems } = await engine.open(files);
    expect(images.map(({ name }) => name)).toEqual(["volume.npy"]);
    expect(problems).toEqual([
      expect.stringMatching(/other\.npy has the shape \[5, 6, 7\].*takes \[1, 8, 9, 7\]/),
    ]);
  });

  it("takes images first and the model afterwards", async () => {
    const engine = nodeEngine();
    const { images } = await engine.open(await dropped("volume.nii.gz"));
    await expect(engine.predict(images[0]!, undefined)).rejects.toThrow(/open a ClinicaDL model folder/);
    await engine.open(await dropped("volume.onnx"));
    const { probabilities } = await engine.predict(images[0]!, undefined);
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
    const { problems } = await engine.open(await dropped("picture.onnx"));
    expect(problems).toEqual([expect.stringMatching(/volume\.nii\.gz has the shape/)]);
    expect(engine.images).toEqual([]);
    await engine.open(await dropped("volume.onnx"));
    expect(engine.images).toEqual(images);
    await engine.release();
  });
});
