import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { claimGroup, claimIndividual } from "./part-claims.ts";
import {
  expectedFile,
  expectedNpy,
  expectMap,
  interpretParts,
  nifti,
  npy,
  row,
  temporaryFolder,
  thinned,
} from "./part-fixtures.ts";

const folder = temporaryFolder();

// Float32 against float64, two or three convolutions.
const tolerance = 1e-5;

describe("a network of regions that masks cut out", () => {
  it.each(["roi", "roi-uncropped"])("has torch's group map, put into the masks: %s", async (model) => {
    await claimGroup(folder.path, { model, tolerance });
  });

  it.each(casesOf(["roi", "roi-uncropped"], (model) => model === "roi"))(
    "has torch's maps of each session and region: %s",
    async (model) => {
      await claimIndividual(folder.path, { model, tolerance });
    },
  );

  it("--through_normalization gives the gradient at the image's intensities, as torch's autograd does", async () => {
    const claim = { model: "roi", tolerance, throughNormalization: true };
    await claimGroup(folder.path, claim);
    await claimIndividual(folder.path, claim);
  });

  it("writes the regions apart, each NIfTI in the place of its mask", async () => {
    const result = await interpretParts(folder.path, "individual", "roi", "i");
    const own = join(result, "sub-02/ses-M00");
    const whole = nifti(join(own, "recomposed.nii.gz"));
    // The boxes of the masks: left from voxel 1, right is its mirror image and from voxel 8.
    for (const [name, start] of [
      ["roi-left", [1, 3, 2]],
      ["roi-right", [8, 3, 2]],
    ] as const) {
      const part = nifti(join(own, "parts", name, "map.nii.gz"));
      const [x, y, z] = start;
      expect(part.shape).toEqual([4, 4, 4]);
      expect(part.affine.map((line) => line[3])).toEqual([30 - 2 * y, -20 + 1.5 * x, 7 + 3 * z]);
      let found = 0;
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j < 4; j++) {
          for (let k = 0; k < 4; k++) {
            expect(part.at(i, j, k)).toBe(whole.at(x + i, y + j, z + k));
            if (part.at(i, j, k) !== 0) found++;
          }
        }
      }
      expect(found).toBeGreaterThan(20);
    }
  });
});

describe("a network of regions", () => {
  it("gives the same bytes for any --nproc, and the same map for any --batch_size", async () => {
    const maps = async (name: string, ...options: string[]) => {
      const all = ["--threads", "2", ...options];
      const result = await interpretParts(folder.path, "group", "roi", name, ...all);
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

describe("a network of the hippocampi", () => {
  const box = { start: [36, 71, 43], end: [134, 121, 93] } as const;

  const claims = [
    { model: "hippocampi" },
    { model: "hippocampi", throughNormalization: true },
    { model: "hippocampi-unnormalized" },
  ];
  it.each(casesOf(claims, (claim) => claim === claims[0]))(
    "has torch's group map and torch's maps of each session and crop: %o",
    async (claim) => {
      const result = await claimGroup(folder.path, { ...claim, tolerance, box });
      const coverage = nifti(join(result, "coverage.nii.gz"));
      expect([35, 36, 84, 85, 133, 134].map((x) => coverage.at(x, 90, 70))).toEqual([0, 2, 4, 4, 2, 0]);
      await claimIndividual(folder.path, { ...claim, tolerance, box });
    },
  );

  it("has torch's maps of both, the left one where the affine says left", async () => {
    const result = await interpretParts(folder.path, "individual", "hippocampi", "i");
    const norms: number[][] = JSON.parse(readFileSync(expectedFile("hippocampi", "norms.json"), "utf8"));
    const expected = expectedNpy("hippocampi", "parts.npy");
    const mean = expectedNpy("hippocampi", "individual.npy");
    for (const [k, participant] of ["sub-31", "sub-32"].entries()) {
      const own = join(result, participant, "ses-M00");
      expect(readdirSync(join(own, "parts"))).toEqual(["roi-0", "roi-1"]);
      expectMap(thinned(npy(join(own, "map.npy")), 7, 3), row(mean, k), tolerance);
      const whole = npy(join(own, "recomposed.npy"));
      expect(whole.shape).toEqual([169, 208, 179]);
      let outside = 0;
      for (let at = 0; at < whole.values.length; at++) {
        const [x, y, z] = [Math.floor(at / (208 * 179)), Math.floor(at / 179) % 208, at % 179];
        const inside = x >= 36 && x < 134 && y >= 71 && y < 121 && z >= 43 && z < 93;
        if (!inside && whole.values[at] !== 0) outside++;
      }
      expect(outside).toBe(0);
      const coverage = nifti(join(own, "coverage.nii.gz"));
      // The crops share the planes 84 and 85 between the hemispheres.
      expect([35, 36, 83, 84, 85, 86, 133, 134].map((x) => coverage.at(x, 90, 70))).toEqual([
        0, 1, 1, 2, 2, 1, 1, 0,
      ]);
      for (const [region, { startX, isLeft }] of [
        { startX: 84, isLeft: false },
        { startX: 36, isLeft: true },
      ].entries()) {
        const map = npy(join(own, "parts", `roi-${region}`, "map.npy"));
        expectMap(thinned(map, 7, 3), row(row(expected, k), region), tolerance);
        expect(
          Math.sqrt(map.values.reduce((sum, value) => sum + value ** 2, 0)) / norms[k]![region]!,
        ).toBeCloseTo(1, 5);
        for (let x = 0; x < 50; x++) {
          if (startX + x === 84 || startX + x === 85) continue;
          const at = ((startX + x) * 208 + 71 + 20) * 179 + 43;
          expect(whole.values.slice(at, at + 50)).toEqual(
            map.values.slice((x * 50 + 20) * 50, (x * 50 + 20) * 50 + 50),
          );
        }
        // RAS: the first axis of the world grows to the right, so the left hippocampus has negative x.
        const { affine } = nifti(join(own, "parts", `roi-${region}`, "map.nii.gz"));
        const centre = affine[0]![0]! * 24.5 + affine[0]![3]!;
        expect(centre < 0).toBe(isLeft);
      }
    }
  });
});
