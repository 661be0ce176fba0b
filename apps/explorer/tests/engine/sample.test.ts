import { readFileSync } from "node:fs";
import { readNifti } from "@voxplain/caps-io";
import { decodeNpy, memoryFiles } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { describe, expect, it } from "vitest";
import { compareMaps } from "../../../../packages/saliency/tests/compare-maps.ts";
import type { EngineProgress, ExplanationRequest } from "../../src/engine/engine.ts";
import { nodeEngine, npy, relativeError, sampleEngine, samplePath } from "./open-sample.ts";

const network = { fold: 0, foldName: "fold-0", selection: "best_balanced_accuracy" };
const gradients: ExplanationRequest = { network, method: "gradients", options: {}, target: 1 };
const expected = `${samplePath}/expected/random_small/fold-0`;

/**
 * All voxels: 1e-7 where float32 decides maxima as float64 does, and up to 4.4e-3 of a map and 1.2e-3 of the mean where it
 * does not, as PyTorch's float32 (sample/expected/.../maps.tsv).
 */
function expectMap(map: Float32Array, reference: Float32Array, most: number): number {
  const { error, flipped } = compareMaps(map, reference, 2e-6);
  expect(error).toBeLessThan(flipped === 0 ? 1e-6 : most);
  expect(flipped / map.length).toBeLessThan(3e-3);
  return flipped;
}

/** The logit of AD for an image of zeros, and those of images: PyTorch's in float64. */
const logitOfZeros = -0.616591983789285;
function logitsOf(name: string): readonly [number, number] {
  const [participant, session] = name.split(" ");
  const rows = readFileSync(`${expected}/logits.tsv`, "utf8").trim().split("\n");
  const row = rows.find((line) => line.startsWith(`${participant}\t${session}\t`))!.split("\t");
  return [Number(row[3]), Number(row[4])];
}

describe("the sample in the engine", () => {
  it("has a model with all its networks, and the sessions of the lists with their diagnoses", async () => {
    const engine = await sampleEngine();
    expect(engine.model).toMatchObject({
      name: "random_small",
      kind: "model-folder",
      classes: ["CN", "AD"],
      networks: [0, 1].flatMap((fold) =>
        ["best_balanced_accuracy", "best_loss"].map((selection) => ({ fold, selection })),
      ),
    });
    const lines = ["AD", "CN"].flatMap((name) =>
      readFileSync(`${samplePath}/labels/${name}.tsv`, "utf8").trim().split("\n").slice(1),
    );
    const listed = lines.map((line) => line.split("\t"));
    expect(engine.images.map(({ name, trueClass }) => `${name} ${trueClass}`).sort()).toEqual(
      listed.map(([participant, session, diagnosis]) => `${participant} ${session} ${diagnosis}`).sort(),
    );
  });

  it.each([
    ["AD_baseline.csv", ";"],
    ["AD.txt", "\t"],
    ["AD.TSV", ","],
  ])("takes label lists as spreadsheet programs save them: %s", async (name, separator) => {
    const engine = nodeEngine();
    await engine.open(directory(`${samplePath}/models/random_small`));
    await engine.open(directory(`${samplePath}/caps`));
    const lines = readFileSync(`${samplePath}/labels/AD.tsv`, "utf8").trim().split("\n").slice(0, 2);
    const columns = lines.map((line) => line.split("\t").slice(0, 2).toReversed().join(separator));
    const text = Buffer.from(`\uFEFF${columns.join("\r\n")}`, "utf16le");
    const { problems } = await engine.open(memoryFiles(new Map([[name, text]]), "dropped"));
    expect(problems).toEqual([]);
    const listed = engine.images.filter(({ trueClass }) => trueClass === "AD").map((image) => image.name);
    expect(listed).toEqual([lines[1]!.split("\t").slice(0, 2).join(" ")]);
  });

  it("is found whole, when its folder is opened", async () => {
    const engine = nodeEngine();
    const { model, images, problems } = await engine.open(directory(samplePath));
    expect(model?.kind).toBe("model-folder");
    expect(images.length).toBeGreaterThan(6);
    expect(images.every(({ trueClass }) => trueClass === "AD" || trueClass === "CN")).toBe(true);
    expect(problems.join()).toContain("one model at a time");
  });

  it("gives PyTorch's probabilities, maps and mean map", async () => {
    const engine = await sampleEngine();
    const patients = engine.images.filter(({ trueClass }) => trueClass === "AD");
    const mean = await engine.mean(patients, gradients);
    const flips: number[] = [];
    for (const image of patients) {
      const explanation = await engine.explain(image, gradients);
      const [participant, session] = image.name.split(" ");
      const file = `${expected}/individual/${participant}_${session}_every3.npy`;
      flips.push(expectMap(everyThird(explanation.map.data), npy(file).data, 4.4e-3));
      const [cn, ad] = logitsOf(image.name);
      // Probabilities are all but 0 or 1 here: their odds are compared, of logits of the order of 10 in float32.
      const [notAd, isAd] = explanation.prediction.probabilities;
      expect(Math.abs(Math.log(isAd! / notAd!) - (ad - cn))).toBeLessThan(1e-5);
      expect(await engine.predict(image, { network })).toEqual(explanation.prediction);
      expect(explanation.anatomy.data.reduce((most, value) => Math.max(most, value), 0)).toBe(1);
      await mean.add(image);
    }
    expect(flips.length).toBe(7);
    // Near ties are in a few images; an error of all images is none.
    expect(Math.min(...flips)).toBe(0);
    expectMap(mean.mean().map.data, npy(`${expected}/group/mean.npy`).data, 1.2e-3);
    await engine.release();
  });

  it("is placed by a template on its grid, and encoded as the map that is shown", async () => {
    const engine = await sampleEngine();
    const [image] = engine.images;
    expect((await engine.explain(image!, gradients)).isPlaced).toBe(false);
    await engine.setTemplate(directory(`${samplePath}/template`), "colin27_t1_2mm.nii.gz");
    const explanation = await engine.explain(image!, gradients);
    expect(explanation.isPlaced).toBe(true);
    const nifti = await readNifti(await engine.encode(explanation, "nifti"), "map.nii.gz");
    expect(nifti.affine).toEqual(explanation.map.affine);
    expect(relativeError(nifti.data, explanation.map.data)).toBe(0);
    const array = decodeNpy(await engine.encode(explanation, "npy"), "map.npy");
    expect(array.dims).toEqual([1, 85, 104, 90]);
    expect(relativeError(array.data as Float32Array, explanation.stored.data)).toBe(0);
    await engine.release();
  });

  it("is explained with progress that never goes back and ends at 1", async () => {
    const engine = await sampleEngine();
    const reported: EngineProgress[] = [];
    const request = { ...gradients, method: "integrated-gradients", options: { steps: "6" } };
    const image = engine.images.find(({ trueClass }) => trueClass === "AD")!;
    const explanation = await engine.explain(image, request, {
      onProgress: (progress) => reported.push(progress),
    });
    const fractions = reported.flatMap(({ fraction }) => fraction ?? []);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    // Six steps, and the logits of the image and of the baseline.
    expect(reported.map(({ step }) => step)).toEqual(expect.arrayContaining(["pass 1 of 8", "pass 8 of 8"]));
    expect(reported.some(({ secondsLeft }) => secondsLeft !== undefined && secondsLeft > 0)).toBe(true);
    // By how much the map's sum misses the difference of the logits, which PyTorch computed.
    const difference = logitsOf(image.name)[1] - logitOfZeros;
    const sum = explanation.map.data.reduce((total, value) => total + value, 0);
    expect(explanation.relativeDelta).toBeCloseTo((sum - difference) / difference, 5);
    await engine.release();
  });

  it.each([
    ["while the network is opened", ({ step }: EngineProgress) => step === "opening the network"],
    ["in the middle", ({ fraction }: EngineProgress) => (fraction ?? 0) > 0],
    ["while the image is read", ({ step }: EngineProgress) => step.startsWith("reading")],
  ])("can be cancelled %s, and explained afterwards", async (_, isThen) => {
    const engine = await sampleEngine();
    const controller = new AbortController();
    const reason = new Error("enough");
    const request = { ...gradients, method: "smoothgrad", options: { samples: "50" } };
    const cancelled = engine.explain(engine.images[0]!, request, {
      signal: controller.signal,
      onProgress: (progress) => isThen(progress) && controller.abort(reason),
    });
    await expect(cancelled).rejects.toBe(reason);
    const other = { ...request, options: { samples: "2" } };
    expect((await engine.explain(engine.images[0]!, other)).map.shape).toEqual([85, 104, 90]);
    await engine.release();
  });

  it("is not begun when it was cancelled while it waited", async () => {
    const engine = await sampleEngine();
    const controller = new AbortController();
    const first = engine.explain(engine.images[0]!, gradients);
    const reported: EngineProgress[] = [];
    const second = engine.explain(engine.images[1]!, gradients, {
      signal: controller.signal,
      onProgress: (progress) => reported.push(progress),
    });
    controller.abort(new Error("not that one"));
    await expect(second).rejects.toThrow("not that one");
    expect((await first).image.name).toBe(engine.images[0]!.name);
    expect(reported).toEqual([]);
    await engine.release();
  });
});

/** Every third voxel along each axis, as the stored references hold them. */
function everyThird(map: Float32Array): Float32Array {
  const picked: number[] = [];
  for (let x = 0; x < 85; x += 3)
    for (let y = 0; y < 104; y += 3)
      for (let z = 0; z < 90; z += 3) picked.push(map[(x * 104 + y) * 90 + z]!);
  return Float32Array.from(picked);
}
