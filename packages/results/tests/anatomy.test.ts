// What is drawn below the maps of a report.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Affine, Volume } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { encodeNifti } from "@voxplain/writers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anatomies } from "../src/report/anatomy.ts";
import { storedJson } from "../src/report/stored-json.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "voxplain-anatomy-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const affine: Affine = [
  [2, 0, 0, -3],
  [0, 2, 0, -3],
  [0, 0, 2, -3],
  [0, 0, 0, 1],
];
const shape = [4, 4, 4] as const;
const map: Volume = { data: new Float32Array(64), shape, affine };
const image = (
  name: string,
  values: (v: number) => number,
  where = affine,
  size: Volume["shape"] = shape,
) => {
  const data = Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, v) => values(v));
  const bytes = encodeNifti({ data, shape: size, affine: where });
  writeFileSync(join(root, name), bytes);
  return { file: join(root, name), sha256: createHash("sha256").update(bytes).digest("hex") };
};
const jobOf = async (inputs: readonly object[], template?: string) => {
  writeFileSync(
    join(root, "provenance.json"),
    JSON.stringify({ inputs, options: template === undefined ? {} : { nifti_template_path: template } }),
  );
  return storedJson(directory(root), "provenance.json");
};
const who = { participant: "sub-01", session: "ses-M00" };

describe("below the map of a session", () => {
  it("is the image that the job recorded", async () => {
    const job = await jobOf([{ ...who, ...image("a.nii", (v) => v) }]);
    const below = await (await anatomies(undefined)).ofSession(job, who, map);
    expect(below?.data[5]).toBe(5);
  });

  it("is the template of the job, where the image has changed since then", async () => {
    const recorded = image("a.nii", (v) => v);
    image("a.nii", (v) => v + 1);
    const job = await jobOf([{ ...who, ...recorded }], image("template.nii", () => 9).file);
    const below = await (await anatomies(undefined)).ofSession(job, who, map);
    expect(below?.data[5]).toBe(9);
  });

  it("is nothing, where the image is gone and the template is on another grid", async () => {
    const recorded = { ...image("a.nii", (v) => v), file: join(root, "gone.nii") };
    const job = await jobOf(
      [{ ...who, ...recorded }],
      image("template.nii", () => 9, affine, [4, 4, 5]).file,
    );
    expect(await (await anatomies(undefined)).ofSession(job, who, map)).toBeUndefined();
  });

  it("is nothing of another session", async () => {
    const job = await jobOf([{ ...who, ...image("a.nii", (v) => v) }]);
    const other = { participant: "sub-02", session: "ses-M00" };
    expect(await (await anatomies(undefined)).ofSession(job, other, map)).toBeUndefined();
  });
});

describe("below a mean map", () => {
  it("is the mean of the recorded images, each divided by its largest value", async () => {
    const inputs = [
      { ...who, ...image("a.nii", (v) => v / 63) },
      { participant: "sub-02", session: "ses-M00", ...image("b.nii", (v) => (v === 5 ? 100 : 0)) },
    ];
    const below = await (await anatomies(undefined)).ofJob(await jobOf(inputs), map);
    expect(below?.data[63]).toBeCloseTo(1, 5);
    expect(below?.data[5]).toBeCloseTo(1 + 5 / 63, 5);
  });

  it("is the template, where there are no images", async () => {
    const job = await jobOf([], image("template.nii", () => 9).file);
    expect((await (await anatomies(undefined)).ofJob(job, map))?.data[0]).toBe(9);
  });
});

describe("an image that is chosen (--anatomy)", () => {
  it("is drawn below all maps, and is brought onto their grid by its place in mm", async () => {
    // Voxels of 1 mm; each has the x of its centre.
    const fine: Affine = [
      [1, 0, 0, -4],
      [0, 1, 0, -4],
      [0, 0, 1, -4],
      [0, 0, 0, 1],
    ];
    const chosen = image("chosen.nii", (v) => Math.floor(v / 81) - 4, fine, [9, 9, 9]);
    const found = await anatomies(chosen.file);
    const job = await jobOf([{ ...who, ...image("a.nii", () => 7) }]);
    for (const below of [await found.ofSession(job, who, map), await found.ofJob(job, map)]) {
      // x of the maps' voxels: -3, -1, 1, 3 mm.
      expect([0, 16, 32, 48].map((v) => below?.data[v])).toEqual([-3, -1, 1, 3]);
    }
  });

  it("is refused where it cannot be read", async () => {
    await expect(anatomies(join(root, "nowhere.nii"))).rejects.toThrow(/nowhere\.nii/);
  });
});
