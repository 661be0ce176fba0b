import { readFileSync } from "node:fs";
import { readNifti } from "@voxplain/caps-io";
import { memoryFiles, type Point, pointAt, voxelAt } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { encodeNifti } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { droppedAtlas } from "../../src/page/atlas-files.ts";
import { openAtlas } from "../../src/viewer/atlas.ts";
import { samplePath } from "../engine/open-sample.ts";

const template = directory(`${samplePath}/template`);
const place = { source: template, below: "aal_2mm.nii.gz" };
const names = { source: template, below: "aal_labels.tsv" };
const affine = [
  [2, 0, 0, 0],
  [0, 2, 0, 0],
  [0, 0, 2, 0],
  [0, 0, 0, 1],
] as const;

describe("the sample's atlas", () => {
  it("names the region at the place of each region's first voxel", async () => {
    const atlas = await openAtlas(place, names);
    expect(atlas.name).toBe("aal_2mm");
    const bytes = readFileSync(`${samplePath}/template/aal_2mm.nii.gz`);
    const image = await readNifti(bytes, "aal_2mm.nii.gz");
    const rows = readFileSync(`${samplePath}/template/aal_labels.tsv`, "utf8").trim().split("\n");
    const nameOf = new Map(rows.slice(1).map((row) => row.split("\t").slice(0, 2) as [string, string]));
    for (const label of [1, 2, 37, 38]) {
      const voxel = voxelAt(image.data.indexOf(label), image.shape as [number, number, number]);
      expect(atlas.regionAt(pointAt(voxel, image.affine!))).toBe(nameOf.get(String(label)));
    }
  });

  it("distinguishes left from right: hippocampi are about 25 mm from the midline on either side", async () => {
    const atlas = await openAtlas(place, names);
    expect(atlas.regionAt([-26, -20, -14])).toBe("Hippocampus_L");
    expect(atlas.regionAt([28, -20, -14])).toBe("Hippocampus_R");
    expect(atlas.regionAt([0, 0, 300])).toBeUndefined();
  });

  it("calls regions without a name as the command does", async () => {
    const atlas = await openAtlas(place, undefined);
    expect(atlas.regionAt([-26, -20, -14])).toBe("label-37");
  });
});

it("a place half-way between two voxels of an atlas is in the higher one, as where the command resamples it", async () => {
  const files = memoryFiles();
  await files.write("a.nii", encodeNifti({ data: Uint8Array.of(0, 7, 9), shape: [1, 1, 3], affine }));
  const atlas = await openAtlas({ source: files, below: "a.nii" }, undefined);
  const regionsAt = (millimetres: readonly number[]) =>
    millimetres.map((z) => atlas.regionAt([0, 0, z] satisfies Point));
  expect(regionsAt([0.9, 1, 2.9, 3, 4.9, 5])).toEqual([
    ...[undefined, "label-7", "label-7", "label-9", "label-9", undefined],
  ]);
});

describe("an image that is not an atlas is refused in the command's sentence", () => {
  it.each([
    ["fractions", [0, 1, 0.5, 2], /not a label image: it holds the value 0\.5/],
    ["nothing", [0, 0, 0, 0], /no region covers a voxel/],
  ])("for its %s", async (_, values, message) => {
    const files = memoryFiles();
    await files.write("a.nii", encodeNifti({ data: Float32Array.from(values), shape: [1, 2, 2], affine }));
    await expect(openAtlas({ source: files, below: "a.nii" }, undefined)).rejects.toThrow(message);
  });
});

describe("files that are dropped together", () => {
  const image = encodeNifti({ data: Uint8Array.of(0, 1), shape: [1, 1, 2], affine });
  const text = (content: string) => new TextEncoder().encode(content);
  const table = text("index\tname\n1\tLeft part\n");
  const colours = text("1 Left-part 0 0 0 0\n");
  it.each([
    ["an image and a table of names", { "a.nii": image, "a.tsv": table }, true],
    ["an image and a colour table", { "a.nii": image, "LUT.txt": colours }, true],
    ["an image of BIDS whose name says it", { "tpl_dseg.nii": image }, true],
    ["an image", { "a.nii": image }, false],
    ["an image and a label list", { "a.nii": image, "AD.tsv": text("participant_id\nsub-1\n") }, false],
    ["two images and a table of names", { "a.nii": image, "b.nii": image, "a.tsv": table }, false],
  ])("%s", async (_, files, isAtlas) => {
    const found = await droppedAtlas(memoryFiles(new Map(Object.entries(files))));
    expect(found).toEqual(isAtlas ? Object.keys(files).sort() : undefined);
  });
});
