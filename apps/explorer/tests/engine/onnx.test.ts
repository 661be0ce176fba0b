import { readFileSync } from "node:fs";
import { encodeNpy, memoryFiles, tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { npy as npyFile } from "../agreement/toy-images.ts";
import { network } from "../agreement/toy-networks.ts";
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
    expect(model?.preprocessing).toEqual({ steps: undefined, source: "the metadata of dropped/volume.onnx" });
    expect(images.map((image) => image.name)).toEqual([name]);
    const { target, gradient, affine } = expected.volume;
    const request = { preprocess: ["min-max"], method: "gradients", options: {}, target };
    const explanation = await engine.explain(images[0]!, request);
    expect(explanation.prediction.predictedClass).toBe(target);
    // Float32 against float64, three small layers.
    // Float32 sums of some hundred products.
    expect(relativeError(explanation.map.data, Float32Array.from(gradient))).toBeLessThan(1e-6);
    expect(explanation.warnings.join()).not.toContain("preprocessing");
    expect(explanation.isPlaced).toBe(name === "volume.nii.gz");
    if (explanation.isPlaced) {
      const found = explanation.map.affine.flat();
      for (const [k, value] of affine.flat().entries()) expect(found[k]).toBeCloseTo(value, 6);
    }
    expect(engine.model?.layers.length).toBeGreaterThan(0);
    await engine.release();
  });

  it("explains one value of scores that are no logits of classes, alone and in a cohort, and names it in the table", async () => {
    const engine = nodeEngine();
    const files = memoryFiles(new Map(), "dropped");
    await files.write("boxes.onnx", await network({ input: [1, 6, 5, 4], output: "boxes" }));
    await files.write("image.npy", npyFile(6, 5, 4));
    const { model, images, problems } = await engine.open(files);
    expect(problems).toEqual([]);
    expect(model).toMatchObject({ task: "regression", classes: [] });
    expect(model?.scores).toMatch(
      /^the output ".+" is not one logit per class but \[batch, 4, 2\]: one value of it is explained, by 2 indices/,
    );
    const request = { method: "gradients", options: {}, target: 0, region: { value: [3, 1] } };
    const cohort = engine.explainCohort();
    const { prediction } = await cohort.explain(images[0]!, request);
    expect(prediction).toMatchObject({ probabilities: [], logits: [expect.any(Number)] });
    expect(await cohort.finish()).toMatchObject({ count: 1, request });
    const [header, row] = new TextDecoder().decode(await engine.encodePredictions(images)).split("\n");
    expect([header?.split("\t")[1], row?.split("\t")[1]]).toEqual(["explained_class", "3,1"]);
    await engine.release();
  });

  it("knows the classes and the grid of a network for images of any size also after one value was explained", async () => {
    const engine = nodeEngine();
    const files = memoryFiles(new Map(), "dropped");
    await files.write("grid.onnx", await network({ input: [1, null, null, null], output: "grid" }));
    await files.write("image.npy", npyFile(6, 5, 4));
    const { images } = await engine.open(files);
    const request = { method: "gradients", options: {}, target: 2 };
    await engine.explain(images[0]!, request);
    const { classes, outputGrid } = engine.model!;
    expect(classes).toHaveLength(3);
    expect(outputGrid).toBeDefined();
    await engine.explain(images[0]!, { ...request, target: 0, region: { value: [2, 1, 3, 1] } });
    expect(engine.model).toMatchObject({ classes, outputGrid });
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

  it.each(["float32", "uint8"] as const)(
    "has two classes where a network gives one probability, and takes %s as they are meant",
    async (dtype) => {
      const engine = nodeEngine();
      const graph = graphBuilder("one");
      const input = graph.input("x", dtype, ["batch", 1, 4, 5]);
      const values = graph.add("Cast", [input], { to: 1 });
      const mean = graph.add("Flatten", [graph.add("GlobalAveragePool", [values])]);
      graph.output(graph.add("Sigmoid", [mean]), "float32", ["batch", 1]);
      const files = memoryFiles(new Map(), "dropped");
      await files.write("one.onnx", (await encodeModel(modelOf(graph.build()))).proto);
      const data = Float32Array.from({ length: 20 }, (_, k) => k / 10);
      await files.write("image.npy", encodeNpy({ dtype: "float32", dims: [1, 4, 5], data }));
      const { model, images } = await engine.open(files);
      expect(model?.classes).toEqual(["class 0", "class 1"]);
      // Nothing is normalized unasked.
      const logit = 0.95;
      for (const target of [0, 1]) {
        const request = { network: undefined, method: "gradients", options: {}, target };
        const { prediction, map, warnings } = await engine.explain(images[0]!, request);
        expect(warnings).toContainEqual(
          expect.stringMatching(/neither the model nor the request names a preprocessing/),
        );
        expect(prediction.predictedClass).toBe(1);
        expect(prediction.probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 7);
        for (const value of map.data) expect(value).toBeCloseTo(target === 1 ? 1 / 20 : -1 / 20, 8);
      }
      await engine.release();
    },
  );

  it("says of an image of another shape which shapes there are, and takes it when it is resized", async () => {
    const engine = nodeEngine();
    const files = await dropped("volume.onnx", "volume.npy");
    const data = Float32Array.from({ length: 5 * 6 * 7 }, (_, k) => k);
    await files.write("other.npy", encodeNpy({ dtype: "float32", dims: [5, 6, 7], data }));
    const { images, problems } = await engine.open(files);
    const message = /other\.npy: .* expected \[1, 8, 9, 7\], found \[1, 5, 6, 7\]/;
    expect(problems).toEqual([expect.stringMatching(message)]);
    const other = images.find(({ name }) => name === "other.npy")!;
    const request = { method: "gradients", options: {}, target: 1 };
    await expect(engine.explain(other, request)).rejects.toThrow(message);
    const resized = { ...request, preprocess: ["resize=8,9,7"] };
    expect((await engine.explain(other, resized)).map.shape).toEqual([8, 9, 7]);
    await engine.release();
  });

  it("takes images first and the model afterwards", async () => {
    const engine = nodeEngine();
    const { images } = await engine.open(await dropped("volume.nii.gz"));
    await expect(engine.predict(images[0]!, {})).rejects.toThrow(/open a ClinicaDL model folder/);
    await engine.open(await dropped("volume.onnx"));
    const { probabilities } = await engine.predict(images[0]!, {});
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
    const { problems } = await engine.open(await dropped("picture.onnx"));
    const message = /volume\.nii\.gz: .* expected a 2D image, found \[8, 9, 7\]/;
    expect(problems).toEqual([expect.stringMatching(message)]);
    await expect(engine.predict(images[0]!, {})).rejects.toThrow(message);
    await engine.open(await dropped("volume.onnx"));
    expect((await engine.predict(images[0]!, {})).probabilities).toEqual(probabilities);
    await engine.release();
  });
});

describe("a picture beside an ONNX file", () => {
  const pictures = `${onnxPath}/../pictures`;
  const stored: Record<string, number[][][]> = JSON.parse(readFileSync(`${pictures}/pictures.json`, "utf8"));

  /** A network whose logits are its image. */
  async function copying(channels: number, ...names: string[]) {
    const graph = graphBuilder("copy");
    const image = graph.input("image", "float32", ["batch", channels, 5, 6]);
    const one = graph.initializer("one", tensor("float32", [1], Float32Array.of(1)));
    const flat = graph.add("Flatten", [graph.add("Mul", [image, one])]);
    graph.output(graph.add("Identity", [flat], {}, { outputs: ["logits"] }), "float32", [
      "batch",
      channels * 30,
    ]);
    const files = memoryFiles(new Map(), "dropped");
    await files.write("copy.onnx", (await encodeModel(modelOf(graph.build()))).proto);
    for (const name of names) await files.write(name, readFileSync(`${pictures}/${name}`));
    return files;
  }

  it.each([
    [3, "rgb.png"],
    [3, "gamma.png"],
    [3, "profile.png"],
    [3, "profile.jpg"],
    [4, "opacity.png"],
    [1, "sixteen.png"],
  ])("gives a network of %i channels the stored values of %s", async (channels, name) => {
    const engine = nodeEngine();
    const { images, problems } = await engine.open(await copying(channels, name));
    expect(problems).toEqual([]);
    const values = stored[name]!.flat(2);
    // A factor that keeps the probabilities away from 0 and 1.
    const { probabilities } = await engine.predict(images[0]!, { preprocess: ["scale=0.0001220703125"] });
    for (const [k, probability] of probabilities.entries()) {
      const difference = Math.log(probability) - Math.log(probabilities[0]!);
      expect(difference).toBeCloseTo((values[k]! - values[0]!) / 8192, 6);
    }
    const request = { network: undefined, method: "gradients", options: {}, target: 7 };
    const { map } = await engine.explain(images[0]!, request);
    expect([map.shape, map.data.indexOf(1)]).toEqual([[5, 6, 1], 7]);
    await engine.release();
  });

  it("warns of opacity that the network does not take", async () => {
    const engine = nodeEngine();
    const { images } = await engine.open(await copying(3, "opacity.png"));
    const request = { preprocess: ["none"], method: "gradients", options: {}, target: 0 };
    const { warnings } = await engine.explain(images[0]!, request);
    expect(warnings).toEqual([
      expect.stringMatching(/24 of 30 pixels of .*opacity\.png are not fully opaque/),
    ]);
    await engine.release();
  });

  it.each([
    [
      3,
      "grey.png",
      "rgb",
      /grey\.png: .* expected 3 channels, found one channel; the preprocessing step rgb/,
    ],
    [
      1,
      "rgb.png",
      "grey",
      /rgb\.png: .* expected one channel, found 3 channels; the preprocessing step grey/,
    ],
  ])("is not given to a network of %i channels unasked: %s", async (channels, name, step, message) => {
    const engine = nodeEngine();
    const { images, problems } = await engine.open(await copying(channels, name));
    expect(problems).toEqual([expect.stringMatching(message)]);
    await expect(engine.predict(images[0]!, {})).rejects.toThrow(message);
    const { probabilities } = await engine.predict(images[0]!, { preprocess: [step] });
    expect(probabilities).toHaveLength(30 * channels);
    await engine.release();
  });
});
