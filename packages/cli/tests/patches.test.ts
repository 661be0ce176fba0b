import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { claimGroup, claimIndividual } from "./part-claims.ts";
import {
  expectedNpy,
  expectedOf,
  expectMap,
  interpretParts,
  modelOf,
  nifti,
  npy,
  partFixtures,
  row,
  temporaryFolder,
} from "./part-fixtures.ts";

const folder = temporaryFolder();

// Float32 against float64, three convolutions; the fixtures have no pooling window near a tie.
const tolerance = 1e-5;

describe("a network of patches", () => {
  it.each(["patch", "patch-unnormalized"])(
    "has torch's group map, put back at the patches' positions: %s",
    async (model) => {
      const result = await claimGroup(folder.path, { model, tolerance, options: ["--pictures", "all"] });
      expect(readdirSync(result).sort()).toEqual([
        "commandline.json",
        "coverage.nii.gz",
        "data.tsv",
        "map.nii.gz",
        "map.npy",
        "map.png",
        "patch_predictions.tsv",
        "predictions.tsv",
        "provenance.json",
        "recomposed.nii.gz",
        "recomposed.npy",
        "recomposed.png",
      ]);
    },
  );

  it.each(casesOf(["patch", "patch-unnormalized"], (model) => model === "patch"))(
    "has torch's maps of each session and patch: %s",
    async (model) => {
      const result = await claimIndividual(folder.path, { model, tolerance, options: ["--pictures", "all"] });
      expect(readdirSync(join(result, "sub-01")).sort()).toEqual(["ses-M00", "ses-M18"]);
      expect(readdirSync(join(result, "sub-01/ses-M18")).sort()).toEqual([
        "coverage.nii.gz",
        "map.nii.gz",
        "map.npy",
        "map.png",
        "parts",
        "recomposed.nii.gz",
        "recomposed.npy",
        "recomposed.png",
      ]);
    },
  );

  it("--through_normalization gives the gradient at the image's intensities, as torch's autograd does", async () => {
    const claim = { model: "patch", tolerance, throughNormalization: true };
    await claimGroup(folder.path, claim);
    await claimIndividual(folder.path, claim);
  });

  it("writes NIfTI maps of a patch at its position in the image", async () => {
    const result = await interpretParts(folder.path, "individual", "patch", "i");
    const own = join(result, "sub-02/ses-M00");
    const whole = nifti(join(own, "recomposed.nii.gz"));
    expect(whole.shape).toEqual([13, 11, 9]);
    // The affine of the session's NIfTI image.
    expect(whole.affine).toEqual([
      [0, -2, 0, 30],
      [1.5, 0, 0, -20],
      [0, 0, 3, 7],
    ]);
    // Patch 7 of 3×2×2 is the second along every axis but the first, where it is the second, too: it starts at 4, 4, 4.
    const patch = nifti(join(own, "parts/patch-7/map.nii.gz"));
    expect(patch.shape).toEqual([5, 5, 5]);
    expect(patch.affine.map((line) => line[3])).toEqual([30 - 2 * 4, -20 + 1.5 * 4, 7 + 3 * 4]);
    expect(patch.at(1, 2, 3)).toBe(npy(join(own, "parts/patch-7/map.npy")).values[1 * 25 + 2 * 5 + 3]);
  });
});

describe("the maps of patches", () => {
  it("are all there at individual level, whatever is left over for the last batch", async () => {
    const { ad } = expectedOf("patch");
    // 4 sessions of 12 patches in batches of 7: the last one has 6.
    const result = await interpretParts(folder.path, "individual", "patch", "i", "--batch_size", "7");
    const recomposed = expectedNpy("patch", "recomposed.npy");
    for (const [k, { key, parts }] of ad.entries()) {
      const own = join(result, key[0]!, key[1]!);
      expect(readdirSync(join(own, "parts"))).toHaveLength(parts.length);
      expectMap(npy(join(own, "recomposed.npy")), row(recomposed, k), tolerance);
    }
  });

  it("are computed as the command line says, not as the training was", async () => {
    const model = join(folder.path, "models/patch");
    cpSync(modelOf("patch"), model, { recursive: true });
    for (const shared of ["caps", "labels"]) {
      cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
    }
    const path = join(model, "commandline.json");
    const training = { batch_size: 64, nproc: 9, use_cpu: false, evaluation_steps: 0 };
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...training }));
    const result = await interpretParts(folder.path, "group", model, "g");
    expect(JSON.parse(readFileSync(join(result, "commandline.json"), "utf8"))).toMatchObject({
      batch_size: 2,
      nproc: 2,
      use_cpu: true,
    });
  });

  it.each(casesOf(["patch", "patch-multicnn"], (model) => model === "patch-multicnn"))(
    "are the same bytes from run to run and for any --nproc: %s",
    async (model) => {
      const bytes: Buffer[] = [];
      for (const [k, nproc] of ["0", "1", "2", "2"].entries()) {
        const result = await interpretParts(folder.path, "group", model, `n${k}`, "--nproc", nproc);
        bytes.push(
          Buffer.concat(["map.npy", "recomposed.npy"].map((name) => readFileSync(join(result, name)))),
        );
      }
      for (const other of bytes.slice(1)) expect(other.equals(bytes[0]!)).toBe(true);
    },
  );

  it.each(casesOf(["patch", "patch-multicnn"], (model) => model === "patch"))(
    "do not depend on --batch_size beyond 1e-6: %s",
    async (model) => {
      const results: string[] = [];
      for (const size of ["1", "2", "7"]) {
        results.push(await interpretParts(folder.path, "group", model, `b${size}`, "--batch_size", size));
      }
      for (const other of results.slice(1)) {
        for (const name of ["map.npy", "recomposed.npy"]) {
          expectMap(npy(join(other, name)), npy(join(results[0]!, name)), 1e-6);
        }
      }
    },
  );
});
