import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import {
  expectedNpy,
  expectedOf,
  expectMap,
  interpretModel,
  modelOf,
  npy,
  partFixtures,
  resultIn,
  row,
  table,
  temporaryFolder,
  thinned,
} from "./part-fixtures.ts";

const folder = temporaryFolder();

/** sub-21 has only extracted parts, sub-22 its image, too. They are rows 0 and 1 of the expectations. */
const extracted = [
  "--caps_dir",
  join(partFixtures, "caps-extracted"),
  "--tsv_path",
  join(partFixtures, "labels-extracted"),
];

/** A copy of a model that was trained on extracted parts. */
function trainedOnExtracted(name: string, flag: string): string {
  const model = join(folder.path, "model");
  cpSync(modelOf(name), model, { recursive: true });
  const path = join(model, "commandline.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), [flag]: true }));
  return model;
}

const cases = [
  { model: "patch", flag: "use_extracted_patches", tolerance: 1e-5, part: "patch-11", index: 11 },
  { model: "slice", flag: "use_extracted_slices", tolerance: 1e-4, part: "slice-9", index: 7 },
  { model: "roi", flag: "use_extracted_roi", tolerance: 1e-5, part: "roi-left", index: 1 },
];

describe.each(casesOf(cases, ({ model }) => model === "patch"))(
  "extracted parts of $model",
  ({ model, flag, tolerance, part, index }) => {
    const compare = (result: string, participant: string, k: number) => {
      const own = join(result, participant, "ses-M00");
      const thin = (map: ReturnType<typeof npy>) => (model === "slice" ? thinned(map, 15, 2) : map);
      expectMap(thin(npy(join(own, "map.npy"))), row(expectedNpy(model, "individual.npy"), k), tolerance);
      const parts = expectedNpy(model, "parts.npy");
      if (k >= parts.shape[0]!) return own;
      expectMap(thin(npy(join(own, "parts", part, "map.npy"))), row(row(parts, k), index), tolerance);
      return own;
    };

    it("serve where the image is not there, and the image serves where it is", async () => {
      const { status, errors } = await interpretModel(folder.path, "individual", model, "i", ...extracted);
      expect(errors).not.toContain("voxplain:");
      expect(status).toBe(0);
      const result = resultIn(folder.path, "i");
      compare(result, "sub-21", 0);
      const own = compare(result, "sub-22", 1);
      expectMap(npy(join(own, "recomposed.npy")), row(expectedNpy(model, "recomposed.npy"), 1), tolerance);
    });

    it("are what a model of extracted parts is given, beside an image too", async () => {
      const trained = trainedOnExtracted(model, flag);
      const { status, errors } = await interpretModel(folder.path, "individual", trained, "e", ...extracted);
      expect(errors).not.toContain("voxplain:");
      expect(status).toBe(0);
      const result = resultIn(folder.path, "e");
      compare(result, "sub-21", 0);
      const own = compare(result, "sub-22", 1);
      expectMap(npy(join(own, "recomposed.npy")), row(expectedNpy(model, "recomposed.npy"), 1), tolerance);
      const { inputs } = JSON.parse(readFileSync(join(result, "provenance.json"), "utf8"));
      const files: string[] = inputs.map(({ file }: { file: string }) => file);
      expect(
        files.every((file) => file.includes(`${flag === "use_extracted_patches" ? "patch" : model}_based`)),
      ).toBe(true);
    });
  },
);

describe("--keep_true", () => {
  it("keeps sessions by the vote of their extracted parts", async () => {
    // sub-21 and sub-22 are the first two sessions of the expectations under other names.
    const expected = expectedOf("patch").ad.slice(0, 2);
    const right = expected.map(({ predicted, label }) => predicted === label);
    for (const keep of [true, false]) {
      const name = `kept-${keep}`;
      const options = [...extracted, "--keep_true", String(keep)];
      const { status, errors } = await interpretModel(folder.path, "individual", "patch", name, ...options);
      const kept = ["sub-21", "sub-22"].filter((_, k) => right[k] === keep);
      expect(status).toBe(kept.length > 0 ? 0 : 1);
      if (kept.length === 0) {
        expect(errors).toContain("no session is left to explain");
        continue;
      }
      const used = table(join(resultIn(folder.path, name), "data.tsv"));
      expect(used.map(({ participant_id }) => participant_id)).toEqual(kept);
    }
  });
});

describe("without the image", () => {
  it("patches cannot be recomposed, for nothing says how large the image is, and a warning says so", async () => {
    const { errors } = await interpretModel(
      folder.path,
      "individual",
      "patch",
      "i",
      ...extracted,
      "--pictures",
      "all",
    );
    expect(errors).toMatch(/sub-21 ses-M00: there are 12 extracted patches.*their positions are not known/);
    expect(errors).toContain("their maps are not recomposed");
    const own = join(resultIn(folder.path, "i"), "sub-21/ses-M00");
    expect(readdirSync(own).sort()).toEqual(["map.nii.gz", "map.npy", "map.png", "parts"]);
  });

  it.each(["slice", "roi"])(
    "%s maps are recomposed all the same: planes and masks give their positions",
    async (model) => {
      await interpretModel(folder.path, "individual", model, "i", ...extracted);
      const own = join(resultIn(folder.path, "i"), "sub-21/ses-M00");
      const expected = row(expectedNpy(model, "recomposed.npy"), 0);
      expectMap(npy(join(own, "recomposed.npy")), expected, model === "slice" ? 1e-4 : 1e-5);
    },
  );
});
