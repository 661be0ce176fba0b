import { readFileSync } from "node:fs";
import { readNifti } from "@voxplain/caps-io";
import { type Affine, memoryFiles } from "@voxplain/core";
import { encodeNifti } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { openAtlas } from "../../src/viewer/atlas.ts";
import { nodeEngine, onnxPath } from "./open-sample.ts";

const gradients = { preprocess: ["none"], method: "gradients", options: {}, target: 1 };
const ras: Affine = [
  [2, 0, 0, -10],
  [0, 2, 0, -12],
  [0, 0, 2, -8],
  [0, 0, 0, 1],
];
const las: Affine = [[-2, 0, 0, 4], ras[1], ras[2], ras[3]];
const shifted: Affine = [[2, 0, 0, -7], ras[1], ras[2], ras[3]];
const shape = [8, 9, 7] as const;
const nifti = (affine: Affine) =>
  encodeNifti({ data: Float32Array.from({ length: 504 }, (_, k) => k % 5), shape, affine });

/** An engine with a network of volumes and an image for each file. */
async function engineWith(images: Readonly<Record<string, Uint8Array>>) {
  const files = memoryFiles(new Map(), "dropped");
  await files.write("volume.onnx", readFileSync(`${onnxPath}/volume.onnx`));
  for (const [name, bytes] of Object.entries(images)) await files.write(name, bytes);
  const engine = nodeEngine();
  const opened = await engine.open(files);
  expect(opened.problems).toEqual([]);
  return { engine, files, imageOf: (name: string) => opened.images.find((image) => image.name === name)! };
}

/** A sform of zeros, beside a qform of code 0. */
function broken(): Uint8Array {
  const bytes = nifti(ras);
  bytes.fill(0, 280, 328);
  return bytes;
}

describe("the mean map in the page", () => {
  it.each([
    [
      "of another orientation",
      las,
      /the axes of b\.nii point in other directions \(LAS.*than those of a\.nii \(RAS/,
    ],
    ["at another position", shifted, /b\.nii is at another position .* voxels are up to 3 mm apart/],
  ])(
    "is refused for an image %s, before anything is computed and when maps are added",
    async (_, affine, message) => {
      const { engine, imageOf } = await engineWith({ "a.nii": nifti(ras), "b.nii": nifti(affine) });
      await expect(engine.mean(engine.images, gradients)).rejects.toThrow(message);
      const mean = await engine.mean([imageOf("a.nii")], gradients);
      await mean.add(imageOf("a.nii"));
      await expect(mean.add(imageOf("b.nii"))).rejects.toThrow(/b\.nii.*a mean map needs images on one grid/);
      await engine.release();
    },
  );

  it("is refused for an image whose affine is broken, naming the file", async () => {
    const { engine, imageOf } = await engineWith({ "a.nii": nifti(ras), "b.nii": broken() });
    const message = /b\.nii has no usable affine: its sform is all zeros/;
    await expect(engine.mean(engine.images, gradients)).rejects.toThrow(message);
    await expect(engine.explain(imageOf("b.nii"), gradients)).rejects.toThrow(message);
    await engine.release();
  });

  it("of images at one position has their affine", async () => {
    const { engine, imageOf } = await engineWith({ "a.nii": nifti(ras), "b.nii": nifti(ras) });
    const mean = await engine.mean(engine.images, gradients);
    for (const name of ["a.nii", "b.nii"]) await mean.add(imageOf(name));
    expect(mean.mean().map.affine).toEqual(ras);
    await engine.release();
  });
});

describe("a template in the page", () => {
  it("gives maps its affine, with a warning where the image has another", async () => {
    const { engine, files, imageOf } = await engineWith({ "a.nii": nifti(shifted), "b.nii": broken() });
    await files.write("template.nii", nifti(ras));
    await engine.setTemplate(files, "template.nii");
    const { map, warnings } = await engine.explain(imageOf("a.nii"), gradients);
    expect(map.affine).toEqual(ras);
    expect(warnings).toEqual([
      expect.stringMatching(/^the image of a\.nii has another affine .*; the maps get the template's$/),
    ]);
    expect((await engine.explain(imageOf("b.nii"), gradients)).map.affine).toEqual(ras);
    await engine.release();
  });

  it("of another shape is an error", async () => {
    const { engine, files, imageOf } = await engineWith({ "a.nii": nifti(ras) });
    const small = encodeNifti({ data: new Float32Array(8), shape: [2, 2, 2], affine: ras });
    await files.write("template.nii", small);
    await engine.setTemplate(files, "template.nii");
    await expect(engine.explain(imageOf("a.nii"), gradients)).rejects.toThrow(
      /has 8×9×7 voxels, but the template .* 2×2×2/,
    );
    await engine.release();
  });
});

it("an atlas has to be at the position of the image", async () => {
  const { engine, files, imageOf } = await engineWith({ "a.nii": nifti(ras) });
  const request = { ...gradients, method: "region-occlusion" };
  for (const [affine, message] of [
    [las, /point in other directions/],
    [shifted, /is at another position/],
  ] as const) {
    await files.write("atlas.nii", nifti(affine));
    await engine.setAtlas(await openAtlas({ source: files, below: "atlas.nii" }, undefined));
    await expect(engine.explain(imageOf("a.nii"), request)).rejects.toThrow(message);
  }
  await files.write("atlas.nii", nifti(ras));
  await engine.setAtlas(await openAtlas({ source: files, below: "atlas.nii" }, undefined));
  expect((await engine.explain(imageOf("a.nii"), request)).warnings).toEqual([]);
  await engine.release();
});

it("an atlas without a usable affine is refused", async () => {
  const files = memoryFiles();
  await files.write("atlas.nii", broken());
  await expect(openAtlas({ source: files, below: "atlas.nii" }, undefined)).rejects.toThrow(
    /atlas\.nii has no usable affine/,
  );
});

it("images to compare with have to have the orientation of the image", async () => {
  const { engine, imageOf } = await engineWith({ "a.nii": nifti(ras), "b.nii": nifti(las) });
  const request = { ...gradients, method: "expected-gradients", options: { samples: "2" } };
  await expect(engine.explain(imageOf("a.nii"), request)).rejects.toThrow(/point in other directions/);
  await engine.release();
});

it("a map whose position is unknown says so in its file", async () => {
  const unknown = nifti(ras);
  new DataView(unknown.buffer).setInt16(254, 0, true);
  const { engine, imageOf } = await engineWith({ "a.nii": unknown });
  const explanation = await engine.explain(imageOf("a.nii"), gradients);
  expect(explanation.isPlaced).toBe(false);
  expect(explanation.warnings).toEqual([
    expect.stringMatching(/^the position of the voxels of a\.nii is unknown/),
  ]);
  const written = await readNifti(await engine.encode(explanation, "nifti"), "map.nii.gz");
  expect(written.affine).toBeUndefined();
  await engine.release();
});
