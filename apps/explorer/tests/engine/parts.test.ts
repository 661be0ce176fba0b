import { readFileSync } from "node:fs";
import { directory } from "@voxplain/core/node";
import { describe, expect, it } from "vitest";
import { nodeEngine, npy, partsPath, relativeError } from "./open-sample.ts";

const network = { fold: 0, foldName: "fold-0", selection: "best_balanced_accuracy" };
const gradients = { network, method: "gradients", options: {}, target: 1 };

interface Expected {
  readonly sessions: readonly {
    readonly key: readonly [string, string];
    readonly label: number;
    readonly predicted: number;
    readonly probabilities: readonly number[];
  }[];
}

async function openParts(model: string) {
  const engine = nodeEngine();
  await engine.open(directory(`${partsPath}/models/${model}`));
  await engine.open(directory(`${partsPath}/caps`));
  await engine.open(directory(`${partsPath}/labels`));
  return engine;
}

// Float32 against float64; of slices also the resize by way of 8 bits. As in the tests of the command line.
describe.each([
  ["patch", 1e-5],
  ["patch-unnormalized", 1e-5],
  ["patch-multicnn", 1e-5],
  ["roi", 1e-5],
  ["roi-uncropped", 1e-5],
  ["slice", 1e-4],
  ["slice-axial", 1e-4],
])("a model of parts: %s", (model, tolerance) => {
  it("has torch's votes and its maps, put back at the parts' positions in the image", async () => {
    const engine = await openParts(model);
    const expected: Expected = JSON.parse(
      readFileSync(`${partsPath}/expected/${model}/expected.json`, "utf8"),
    );
    const maps = npy(`${partsPath}/expected/${model}/recomposed.npy`);
    const ad = expected.sessions.filter(({ label }) => label === 1);
    const size = maps.data.length / ad.length;
    for (const [k, session] of ad.entries()) {
      const image = engine.images.find(({ name }) => name === session.key.join(" "))!;
      expect(image.trueClass).toBe("AD");
      const explanation = await engine.explain(image, gradients);
      const reference = maps.data.subarray(k * size, (k + 1) * size);
      expect(explanation.map.shape).toEqual(maps.dims.slice(1));
      expect(relativeError(explanation.map.data, reference)).toBeLessThan(tolerance);
      expect(explanation.anatomy.data.length).toBe(size);
      expect(explanation.prediction.predictedClass).toBe(session.predicted);
      for (const [c, probability] of session.probabilities.entries()) {
        expect(explanation.prediction.probabilities[c]).toBeCloseTo(probability, 4);
      }
      // The CAPS has the tensor of this one alone, which gives no position.
      const isPlaced = image.name !== "sub-01 ses-M00";
      expect(explanation.isPlaced).toBe(isPlaced);
      const unknown =
        "the position of the voxels of sub-01 ses-M00 is unknown: its map gets the identity as its affine";
      expect(explanation.warnings).toEqual(isPlaced ? [] : [unknown]);
    }
    await engine.release();
  });
});

it("parts without validation predictions do not vote until it is said how", async () => {
  const { memoryFiles } = await import("@voxplain/core");
  const stored = directory(`${partsPath}/models/patch`);
  const without = {
    ...memoryFiles(),
    name: "patch",
    list: stored.list,
    open: async (path: string) => (path.endsWith(".tsv") ? undefined : stored.open(path)),
  };
  const engine = nodeEngine();
  await engine.open(without);
  await engine.open(directory(`${partsPath}/caps`));
  const [image] = engine.images;
  const message = /validation_patch_level_prediction\.tsv.*; the predictions on the validation set weigh/;
  await expect(engine.explain(image!, gradients)).rejects.toThrow(message);
  await expect(engine.predict(image!, { network })).rejects.toThrow(message);
  const { prediction } = await engine.explain(image!, { ...gradients, voting: "uniform" });
  expect(await engine.predict(image!, { network, voting: "uniform" })).toEqual(prediction);
  const expected = JSON.parse(readFileSync(`${partsPath}/expected/patch/expected.json`, "utf8"));
  const { uniform } = expected.sessions.find(({ key }: { key: string[] }) => key.join(" ") === image!.name);
  for (const [k, value] of uniform.entries()) expect(prediction.probabilities[k]).toBeCloseTo(value, 4);
  await engine.release();
});

it.each(["patch", "roi"])("a single file of an image is cut as that of the CAPS: %s", async (model) => {
  const engine = await openParts(model);
  const [ofCaps] = engine.images;
  const folder = "subjects/sub-02/ses-M00/t1_linear";
  const { images, problems } = await engine.open(directory(`${partsPath}/caps/${folder}`));
  expect(problems).toEqual([]);
  expect(ofCaps?.name).toBe("sub-02 ses-M00");
  const [inCaps, alone] = [
    await engine.explain(ofCaps!, gradients),
    await engine.explain(images[0]!, gradients),
  ];
  expect(relativeError(alone.map.data, inCaps.map.data)).toBe(0);
  expect(alone.map.affine).toEqual(inCaps.map.affine);
  expect(alone.prediction).toEqual(inCaps.prediction);
  await engine.release();
});

it("methods that compare images say that a model of parts cannot", async () => {
  const engine = await openParts("patch");
  const request = { ...gradients, method: "expected-gradients" };
  await expect(engine.explain(engine.images[0]!, request)).rejects.toThrow(/each part would need its own/);
  await engine.release();
});
