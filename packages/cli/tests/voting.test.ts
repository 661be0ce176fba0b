import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import {
  expectedOf,
  interpretModel,
  interpretParts,
  modelOf,
  partFixtures,
  resultIn,
  table,
  temporaryFolder,
} from "./part-fixtures.ts";

const folder = temporaryFolder();

const models = [
  "patch",
  "patch-unnormalized",
  "patch-multicnn",
  "roi",
  "roi-multicnn",
  "slice",
  "slice-multicnn",
];

/** A copy of a model that may be changed, beside its cohort. */
function copyOf(name: string, settings: object = {}): string {
  const model = join(folder.path, "models", name);
  cpSync(modelOf(name), model, { recursive: true });
  for (const shared of ["caps", "labels"]) {
    cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
  }
  const path = join(model, "commandline.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...settings }));
  return model;
}

const validationOf = (model: string) =>
  join(model, "fold-0/cnn_classification/best_balanced_accuracy/validation_patch_level_prediction.tsv");

describe("the image's prediction is the vote of its parts:", () => {
  it.each(models)(
    "probabilities equal the formula's to 1e-6, parts' logits are torch's: %s",
    async (model) => {
      const { ad } = expectedOf(model);
      const result = await interpretParts(folder.path, "group", model, "g");
      const votes = table(join(result, "predictions.tsv"));
      expect(votes.map((row) => [row.participant_id, row.session_id])).toEqual(ad.map(({ key }) => key));
      for (const [k, { probabilities, predicted }] of ad.entries()) {
        expect(Math.abs(Number(votes[k]!.proba0) - probabilities[0]!)).toBeLessThan(1e-6);
        expect(Math.abs(Number(votes[k]!.proba1) - probabilities[1]!)).toBeLessThan(1e-6);
        expect(votes[k]!.predicted_label).toBe(String(predicted));
        expect(votes[k]!.true_label).toBe("1");
      }
      const mode = model.split("-")[0]!;
      const parts = table(join(result, `${mode}_predictions.tsv`));
      const expected = ad.flatMap(({ key, parts: ofSession }) => ofSession.map((part) => ({ key, ...part })));
      expect(parts.map((row) => [row.participant_id, row.session_id, row[`${mode}_id`]])).toEqual(
        expected.map(({ key, id }) => [...key, String(id)]),
      );
      for (const [k, { logits }] of expected.entries()) {
        // Float32 against float64, of logits of about 2.
        expect(Math.abs(Number(parts[k]!.logit0) - logits[0]!)).toBeLessThan(2e-5);
        expect(Math.abs(Number(parts[k]!.logit1) - logits[1]!)).toBeLessThan(2e-5);
      }
    },
  );

  it.each(casesOf(models, (model) => model === models[0]))(
    "--keep_true keeps exactly the sessions whose vote is right, or wrong: %s",
    async (model) => {
      const { ad } = expectedOf(model);
      for (const keep of [true, false]) {
        const kept = ad.filter(({ predicted }) => (predicted === 1) === keep).map(({ key }) => key);
        if (kept.length === 0) {
          const { status, errors } = await interpretModel(
          folder.path, "group", model, String(keep), "--keep_true", String(keep),
        ); // biome-ignore format: one line
          expect(errors).toContain("no session is left to explain");
          expect(status).toBe(1);
          continue;
        }
        const result = await interpretParts(
          folder.path,
          "group",
          model,
          String(keep),
          "--keep_true",
          String(keep),
        );
        const used = table(join(result, "data.tsv")).map((row) => [row.participant_id, row.session_id]);
        expect(used).toEqual(kept);
        // All that were computed are in the predictions.
        expect(table(join(result, "predictions.tsv"))).toHaveLength(ad.length);
      }
    },
  );

  it("the weights decide whom --keep_true keeps: uniform ones keep others", async () => {
    const { ad } = expectedOf("patch");
    const keys = (right: (session: (typeof ad)[number]) => boolean) => ad.filter(right).map(({ key }) => key);
    const byWeights = keys(({ predicted }) => predicted === 1);
    const byMean = keys(({ uniform }) => uniform[1]! > uniform[0]!);
    expect(byWeights).not.toEqual(byMean);
    const result = await interpretParts(
      folder.path, "individual", "patch", "u", "--keep_true", "true", "--voting", "uniform",
    ); // biome-ignore format: one line
    const used = table(join(result, "data.tsv")).map((row) => [row.participant_id, row.session_id]);
    expect(used).toEqual(byMean);
    for (const [k, row] of table(join(result, "predictions.tsv")).entries()) {
      expect(Math.abs(Number(row.proba1) - ad[k]!.uniform[1]!)).toBeLessThan(1e-6);
    }
    // No folder of a session that was not kept.
    const folders = byMean.map(([participant]) => participant!);
    expect(readdirSync(result).filter((name) => name.startsWith("sub-"))).toEqual(
      [...new Set(folders)].sort(),
    );
  });

  it.each(["validation", "uniform"])("a tie goes to the first class, CN: --voting %s", async (weights) => {
    const { sessions, ad } = expectedOf("patch-tied");
    expect(sessions.map(({ probabilities, predicted }) => [probabilities, predicted])).toEqual(
      sessions.map(() => [[0.5, 0.5], 0]),
    );
    const options = ["--voting", weights, "--keep_true"];
    const wrong = await interpretParts(folder.path, "group", "patch-tied", "wrong", ...options, "false");
    expect(table(join(wrong, "data.tsv"))).toHaveLength(ad.length);
    for (const name of ["predictions.tsv", "patch_predictions.tsv"]) {
      for (const { predicted_label, proba0, proba1 } of table(join(wrong, name))) {
        expect(predicted_label).toBe("0");
        expect(proba0).toBe(proba1);
      }
    }
    const right = await interpretModel(folder.path, "group", "patch-tied", "right", ...options, "true");
    expect(right.status).toBe(1);
    expect(right.errors).toContain("none of them is classified correctly");
    const controls = [...options, "true", "--diagnosis", "CN"];
    const kept = await interpretParts(folder.path, "group", "patch-tied", "controls", ...controls);
    expect(table(join(kept, "data.tsv"))).toHaveLength(sessions.length - ad.length);
  });

  it("parts below the training's selection_threshold do not vote", async () => {
    const { weights } = expectedOf("patch-unnormalized");
    expect(weights.some(([, weight]) => weight === 0)).toBe(true);
    expect(
      JSON.parse(readFileSync(join(modelOf("patch-unnormalized"), "commandline.json"), "utf8")),
    ).toMatchObject({ selection_threshold: 3 });
  });
});

describe("where the predictions on the validation set", () => {
  it.each(["interpret", "predict"])(
    "are missing, %s names the file and says how to go on",
    async (command) => {
      const model = copyOf("patch");
      rmSync(validationOf(model));
      const { voxplain } = await import("./run-voxplain.ts");
      const argv = command === "interpret" ? ["interpret", "group", model, "x"] : ["predict", model];
      const { status, errors } = await voxplain(
        ...argv,
        "--use_cpu",
        "--threads",
        "1",
        "--output_dir",
        join(folder.path, "out"),
      );
      expect(status).toBe(1);
      expect(errors).toContain(
        "fold-0/cnn_classification/best_balanced_accuracy/validation_patch_level_prediction.tsv",
      );
      expect(errors).toContain("--voting uniform");
      expect(readdirSync(folder.path)).not.toContain("out");
    },
  );

  it("are missing, that is one of all the problems that a run names", async () => {
    const model = copyOf("patch");
    rmSync(validationOf(model));
    rmSync(join(folder.path, "caps/subjects/sub-04"), { recursive: true });
    const template = join(folder.path, "template.nii");
    writeFileSync(template, "no image");
    const { status, errors } = await interpretModel(
      join(folder.path, "out"),
      "group",
      model,
      "x",
      ...["--folds", "0", "7", "8", "--nifti_template_path", template, "--on_error", "stop"],
      ...["--method", "occlusion", "--method_options", "window=0"],
    );
    expect(status).toBe(1);
    expect(errors).toContain("there are 6 problems:");
    for (const problem of [
      "template.nii: it is not a NIfTI image",
      "there is no fold-7: found fold-0",
      "there is no fold-8: found fold-0",
      "validation_patch_level_prediction.tsv: there is no such file",
      "sub-04 ses-M00: there is no t1-linear image",
      "window must be a number above 0: found 0",
    ]) {
      expect(errors.split(problem)).toHaveLength(2);
    }
  });

  it("are missing, --voting uniform goes on", async () => {
    const model = copyOf("patch");
    rmSync(validationOf(model));
    const result = await interpretParts(folder.path, "group", model, "u", "--voting", "uniform");
    const { ad } = expectedOf("patch");
    for (const [k, row] of table(join(result, "predictions.tsv")).entries()) {
      expect(Math.abs(Number(row.proba1) - ad[k]!.uniform[1]!)).toBeLessThan(1e-6);
    }
  });

  it.each([
    [
      "lack a column",
      "participant_id\tsession_id\tpatch_id\ttrue_label\nsub-V0\tses-M00\t0\t1\n",
      /predicted_label/,
    ],
    [
      "have no number for a patch",
      "participant_id\tsession_id\tpatch_id\ttrue_label\tpredicted_label\nsub-V0\tses-M00\tleft\t1\t1\n",
      /line 2: the patch_id is not a whole number: found "left"/,
    ],
    [
      "are of a patch that the images do not have",
      "participant_id\tsession_id\tpatch_id\ttrue_label\tpredicted_label\nsub-V0\tses-M00\t12\t1\t1\n",
      /part 12 has a weight in the vote, but the image has no such part/,
    ],
    [
      "are all wrong",
      "participant_id\tsession_id\tpatch_id\ttrue_label\tpredicted_label\nsub-V0\tses-M00\t0\t1\t0\n",
      /validation_patch_level_prediction\.tsv: no part may vote/,
    ],
  ])("%s, that is said", async (_, text, message) => {
    const model = copyOf("patch");
    writeFileSync(validationOf(model), text);
    const { status, errors } = await interpretModel(folder.path, "group", model, "x");
    expect(errors).toMatch(message);
    expect(status).toBe(1);
    expect(readdirSync(folder.path)).not.toContain("fold-0");
  });

  it("are of more patches than one session has, that is said of the session, which can be skipped", async () => {
    const model = copyOf("patch");
    for (const shared of ["caps-extracted", "labels-extracted"]) {
      cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
    }
    const patches = join(
      folder.path,
      "caps-extracted/subjects/sub-21/ses-M00/deeplearning_prepare_data/patch_based/t1_linear",
    );
    rmSync(join(patches, readdirSync(patches).find((name) => name.includes("patch-11_"))!));
    const options = [
      "--caps_dir",
      join(folder.path, "caps-extracted"),
      "--tsv_path",
      join(folder.path, "labels-extracted"),
    ];
    const stop = ["--on_error", "stop"];
    const stopped = await interpretModel(folder.path, "group", model, "x", ...options, ...stop);
    expect(stopped.status).toBe(1);
    expect(stopped.errors).toMatch(
      /sub-21 ses-M00: part 11 has a weight in the vote, but the image has no such part.*complete\?/,
    );
    const skipped = await interpretModel(folder.path, "group", model, "x", ...options, "--on_error", "skip");
    expect(skipped.status).toBe(3);
    const used = table(join(resultIn(folder.path, "x"), "data.tsv"));
    expect(used.map(({ participant_id }) => participant_id)).toEqual(["sub-22"]);
  });

  it("leave every part below the threshold, that is said", async () => {
    const model = copyOf("patch", { selection_threshold: 7 });
    const { status, errors } = await interpretModel(folder.path, "group", model, "x");
    expect(status).toBe(1);
    expect(errors).toMatch(/no part may vote: none was right more often than 6 times.*threshold is 7/);
  });
});
