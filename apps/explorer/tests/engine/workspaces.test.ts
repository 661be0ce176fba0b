import { readFileSync } from "node:fs";
import { memoryFiles } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { encodeNifti } from "@voxplain/writers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExplorerEngine } from "../../src/engine/engine.ts";
import { openAtlas } from "../../src/viewer/atlas.ts";
import { nodeEngine, onnxPath, samplePath } from "./open-sample.ts";

const gradients = { network: undefined, method: "gradients", options: {}, target: 1 };
const model = directory(`${samplePath}/models/random_small`);

/** Some files of the sample, as the page ships them. */
async function sample() {
  const template = directory(`${samplePath}/template`);
  return {
    cohort: directory(samplePath),
    template: { files: template, path: "colin27_t1_2mm.nii.gz" },
    atlas: await openAtlas({ source: template, below: "aal_2mm.nii.gz" }, undefined),
  };
}

/** A CAPS of one's own: one patient, whose image has no affine. */
function ownCaps() {
  const image = (name: string) =>
    `subjects/${name}/ses-M00/deeplearning_prepare_data/image_based/t1_linear/` +
    `${name}_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w.pt`;
  const list = "participant_id\tsession_id\tdiagnosis\nsub-OWN\tses-M00\tAD\n";
  const files = new Map([
    [image("sub-OWN"), Uint8Array.from(readFileSync(`${samplePath}/caps/${image("sub-SIM002")}`))],
    ["labels.tsv", new TextEncoder().encode(list)],
  ]);
  return memoryFiles(files, "own caps");
}

function ownNetwork(...names: readonly string[]) {
  const files = ["volume.onnx", ...names].map((name) => {
    return [name, Uint8Array.from(readFileSync(`${onnxPath}/${name}`))] as const;
  });
  return memoryFiles(new Map(files), "own files");
}

describe("files of the user and the sample", () => {
  let engine: ExplorerEngine;
  beforeEach(async () => {
    engine = nodeEngine();
    await engine.openSample(await sample());
    expect(engine.isSample).toBe(true);
    expect(engine.images.length).toBeGreaterThan(6);
  });
  afterEach(() => engine.release());

  it("do not share a group mean: one's own images with a diagnosis are alone", async () => {
    await engine.open(model);
    await engine.open(ownCaps());
    expect(engine.isSample).toBe(false);
    expect(engine.images.map(({ name, trueClass }) => `${name} ${trueClass}`)).toEqual([
      "sub-OWN ses-M00 AD",
    ]);
  });

  it("do not share a template: one's own image without an affine stays without", async () => {
    const [first] = engine.images;
    expect((await engine.explain(first!, gradients)).isPlaced).toBe(true);
    await engine.open(model);
    await engine.open(ownCaps());
    const { isPlaced, warnings } = await engine.explain(engine.images[0]!, gradients);
    expect(isPlaced).toBe(false);
    expect(warnings).toEqual([expect.stringContaining("unknown")]);
  });

  it("do not share an atlas: one's own network has regions of a grid", async () => {
    await engine.open(ownNetwork("volume.npy"));
    expect(engine.methods["region-occlusion"]!.options).not.toHaveProperty("labels");
    const request = { ...gradients, method: "region-occlusion", options: { cell: "4" } };
    expect((await engine.explain(engine.images[0]!, request)).map.shape).toEqual([8, 9, 7]);
  });

  it("do not share complaints: nothing is said of the sample's images beside one's own network", async () => {
    expect((await engine.open(ownNetwork("volume.npy"))).problems).toEqual([]);
    expect(engine.images.map(({ name }) => name)).toEqual(["volume.npy"]);
  });

  it("do not share a model: one's own images wait for one's own", async () => {
    await engine.open(ownCaps());
    expect(engine.model).toBeUndefined();
    await expect(engine.explain(engine.images[0]!, gradients)).rejects.toThrow(/there is no model/);
  });

  it("stay apart where a template or an atlas comes first", async () => {
    const files = ownNetwork("volume.npy");
    const affine = [
      [2, 0, 0, -10],
      [0, 2, 0, -12],
      [0, 0, 2, -8],
      [0, 0, 0, 1],
    ] as const;
    const data = Float32Array.from({ length: 504 }, (_, k) => k % 3);
    await files.write("template.nii", encodeNifti({ data, shape: [8, 9, 7], affine }));
    await engine.setTemplate(files, "template.nii");
    expect([engine.model, engine.images, engine.isSample]).toEqual([undefined, [], false]);
    await engine.open(ownNetwork("volume.npy"));
    expect((await engine.explain(engine.images[0]!, gradients)).map.affine).toEqual(affine);
  });

  it("leave the sample as it was where nothing of the user's can be opened", async () => {
    const { images } = engine;
    const broken = memoryFiles(new Map([["notes.txt", new Uint8Array(3)]]), "broken");
    await expect(engine.open(broken)).rejects.toThrow("notes.txt");
    await expect(engine.setTemplate(broken, "notes.txt")).rejects.toThrow("notes.txt");
    expect([engine.isSample, engine.images]).toEqual([true, images]);
  });
});
