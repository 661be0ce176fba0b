import { readFileSync } from "node:fs";
import { memoryFiles } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { encodeNifti } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { openAtlas } from "../../src/viewer/atlas.ts";
import { parseRegionNames } from "../../src/viewer/region-names.ts";
import { samplePath } from "../engine/open-sample.ts";

const template = directory(`${samplePath}/template`);
const names = readFileSync(`${samplePath}/template/aal_labels.tsv`);

describe("the sample's atlas", () => {
  it("names the region at the place of each region's centre of voxels", async () => {
    const atlas = await openAtlas(template, "aal_2mm.nii.gz", names);
    expect(atlas.name).toBe("aal_2mm");
    expect(atlas.names.get(1)).toBe("Precentral_L");
    // From the labels and the affine alone: the first voxel of each of some regions.
    const { data, shape, affine } = atlas.labels;
    for (const label of [1, 2, 37, 38]) {
      const at = data.indexOf(label);
      const voxel = [
        Math.floor(at / (shape[1] * shape[2])),
        Math.floor(at / shape[2]) % shape[1],
        at % shape[2],
      ];
      const place = [0, 1, 2].map(
        (row) => affine[row]![3] + voxel.reduce((sum, k, axis) => sum + affine[row]![axis]! * k, 0),
      ) as [number, number, number];
      expect(atlas.regionAt(place)).toBe(atlas.names.get(label));
    }
  });

  it("knows left from right: hippocampi lie at some 25 mm on either side", async () => {
    const atlas = await openAtlas(template, "aal_2mm.nii.gz", names);
    expect(atlas.regionAt([-26, -20, -14])).toBe("Hippocampus_L");
    expect(atlas.regionAt([28, -20, -14])).toBe("Hippocampus_R");
    expect(atlas.regionAt([0, 0, 300])).toBeUndefined();
  });

  it("calls regions without a name by their number", async () => {
    const atlas = await openAtlas(template, "aal_2mm.nii.gz");
    expect(atlas.names.get(37)).toBe("37");
  });
});

describe("an image that is no atlas", () => {
  const affine = [
    [2, 0, 0, 0],
    [0, 2, 0, 0],
    [0, 0, 2, 0],
    [0, 0, 0, 1],
  ] as const;
  it.each([
    ["fractions", [0, 1, 0.5, 2], /the value 0\.5/],
    ["nothing", [0, 0, 0, 0], /no region/],
  ])("is refused for its %s", async (_, values, message) => {
    const files = memoryFiles();
    await files.write("a.nii", encodeNifti({ data: Float32Array.from(values), shape: [1, 2, 2], affine }));
    await expect(openAtlas(files, "a.nii")).rejects.toThrow(message);
  });
});

describe("names of regions", () => {
  it.each([
    ["a table with a header", "label\tname\n3\tLeft part\n", [[3, "Left part"]]],
    [
      "FreeSurfer's colours",
      "#No. Name R G B A\n17  Left-Hippocampus  220 216 20 0\n",
      [[17, "Left-Hippocampus"]],
    ],
    ["names before numbers", "Precentral_L 2001\n", [[2001, "Precentral_L"]]],
    ["commas", 'index,name\n4,"Insula"\n', [[4, "Insula"]]],
    ["something else", "hello world\n\n", []],
  ])("are read of %s", (_, text, expected) => {
    expect([...parseRegionNames(text)]).toEqual(expected);
  });
});
