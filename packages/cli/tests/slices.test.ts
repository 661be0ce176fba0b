import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { claimGroup, claimIndividual } from "./part-claims.ts";
import { expectMap, interpretParts, npy, temporaryFolder } from "./part-fixtures.ts";

const folder = temporaryFolder();

// The 8 bits of a slice are those of torchvision, bit for bit; what is left is float32 against float64.
const tolerance = 1e-4;

/** Planes of 11×9, 13×9 and 13×11 voxels along the three axes, with and without normalization. */
const models = ["slice", "slice-unnormalized", "slice-axial"];

describe("a network of slices", () => {
  it.each(models)("has torch's group map, carried back onto the planes: %s", async (model) => {
    const result = await claimGroup(folder.path, { model, tolerance, options: ["--pictures", "all"] });
    expect(npy(join(result, "map.npy")).shape).toEqual([224, 224]);
    expect(readdirSync(result)).toContain("map.jpg");
    expect(readdirSync(result)).toContain("slice_predictions.tsv");
  });

  it.each(casesOf(models, (model) => model === "slice"))(
    "has torch's maps of each session and slice: %s",
    async (model) => {
      const result = await claimIndividual(folder.path, { model, tolerance, options: ["--pictures", "all"] });
      const own = join(result, "sub-02/ses-M00");
      expect(npy(join(own, "map.npy")).shape).toEqual([3, 224, 224]);
      const [slice = ""] = readdirSync(join(own, "parts"));
      expect(readdirSync(join(own, "parts", slice)).sort()).toEqual(["map.jpg", "map.npy"]);
    },
  );

  it("--through_normalization carries the map on the planes to the image's intensities", async () => {
    const claim = { model: "slice", tolerance, throughNormalization: true };
    await claimGroup(folder.path, claim);
    await claimIndividual(folder.path, claim);
  });

  it("numbers slices by their plane, from behind the discarded ones", async () => {
    const result = await interpretParts(folder.path, "individual", "slice", "i");
    // 13 planes, 2 and 3 of them discarded.
    expect(readdirSync(join(result, "sub-02/ses-M00/parts")).sort()).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9].map((plane) => `slice-${plane}`),
    );
  });

  it("gives the same bytes for any --nproc, and the same map for any --batch_size", async () => {
    const maps = async (name: string, ...options: string[]) => {
      const result = await interpretParts(
        folder.path,
        "group",
        "slice-axial",
        name,
        ...["--threads", "2"],
        ...options,
      );
      return ["map.npy", "recomposed.npy"].map((file) => join(result, file));
    };
    const first = await maps("first", "--nproc", "0", "--batch_size", "2");
    for (const nproc of ["1", "2"]) {
      const other = await maps(`n${nproc}`, "--nproc", nproc, "--batch_size", "2");
      for (const [k, path] of other.entries()) {
        expect(readFileSync(path).equals(readFileSync(first[k]!))).toBe(true);
      }
    }
    for (const size of ["1", "7"]) {
      const other = await maps(`b${size}`, "--batch_size", size);
      for (const [k, path] of other.entries()) expectMap(npy(path), npy(first[k]!), 1e-6);
    }
  });
});
