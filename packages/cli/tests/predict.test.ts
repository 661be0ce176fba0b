import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  type ExpectedSession,
  expectedOf,
  modelOf,
  partFixtures,
  resultIn,
  table,
  temporaryFolder,
} from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();

async function predict(model: string, ...options: string[]) {
  const path = model.includes("/") ? model : modelOf(model);
  const { status, errors, output } = await voxplain(
    "predict",
    path,
    "--use_cpu",
    "--threads",
    "1",
    "--output_dir",
    folder.path,
    ...options,
  );
  expect(errors).not.toContain("voxplain:");
  expect(status).toBe(0);
  const name = options.includes("--name") ? options[options.indexOf("--name") + 1]! : "all";
  return { result: resultIn(folder.path, name, "predictions"), output };
}

/** Balanced accuracy and the rest as scikit-learn defines them, counted pair by pair. */
function judge(
  sessions: readonly { readonly label: number; readonly proba1: number; readonly predicted: number }[],
) {
  const ofClass = (label: number) => sessions.filter((one) => one.label === label);
  const [negatives, positives] = [ofClass(0), ofClass(1)] as const;
  const right = (some: typeof sessions) =>
    some.filter((one) => one.predicted === one.label).length / some.length;
  let wins = 0;
  for (const p of positives) {
    for (const n of negatives) wins += p.proba1 > n.proba1 ? 1 : p.proba1 === n.proba1 ? 0.5 : 0;
  }
  const [sensitivity, specificity] = [right(positives), right(negatives)];
  return {
    accuracy: right(sessions),
    balanced_accuracy: (sensitivity + specificity) / 2,
    sensitivity,
    specificity,
    auc: wins / (positives.length * negatives.length),
  };
}

const softmax1 = ([a = 0, b = 0]: readonly number[]) => 1 / (1 + Math.exp(a - b));
const ofPart = ({ label, parts }: ExpectedSession, k: number) => {
  const { logits } = parts[k]!;
  return { label, proba1: softmax1(logits), predicted: logits[1]! > logits[0]! ? 1 : 0 };
};

function expectMetrics(
  row: Record<string, string> | undefined,
  expected: Record<string, number>,
  count: number,
): void {
  expect(row?.count).toBe(String(count));
  for (const [name, value] of Object.entries(expected)) expect(Number(row?.[name])).toBeCloseTo(value, 12);
}

describe("voxplain predict", () => {
  it.each([
    ["patch", "patch"],
    ["patch-multicnn", "patch"],
    ["roi", "roi"],
    ["slice", "slice"],
  ])("judges images by their vote, all parts together, and each part by itself: %s", async (model, mode) => {
    const { sessions } = expectedOf(model);
    const { result, output } = await predict(model);
    expect(readdirSync(result).sort()).toEqual([
      "commandline.json",
      "data.tsv",
      "metrics.tsv",
      `${mode}_predictions.tsv`,
      "predictions.tsv",
      "provenance.json",
    ].sort()); // biome-ignore format: one line
    const rows = table(join(result, "predictions.tsv"));
    expect(rows.map((row) => [row.participant_id, row.session_id])).toEqual(sessions.map(({ key }) => key));
    for (const [k, { probabilities, label, predicted }] of sessions.entries()) {
      expect(Math.abs(Number(rows[k]!.proba1) - probabilities[1]!)).toBeLessThan(1e-6);
      expect([rows[k]!.true_label, rows[k]!.predicted_label]).toEqual([String(label), String(predicted)]);
    }
    const metrics = table(join(result, "metrics.tsv"));
    const images = sessions.map(({ label, predicted, probabilities }) => ({
      label,
      predicted,
      proba1: probabilities[1]!,
    }));
    expect(metrics[0]!.level).toBe("image");
    expectMetrics(metrics[0], judge(images), sessions.length);
    const ids = sessions[0]!.parts.map(({ id }) => id);
    const parts = sessions.flatMap((session) => ids.map((_, k) => ofPart(session, k)));
    expect(metrics[1]).toMatchObject({ level: mode, [`${mode}_id`]: "" });
    expectMetrics(metrics[1], judge(parts), parts.length);
    for (const [k, id] of ids.entries()) {
      const row = metrics.find((one) => one[`${mode}_id`] === String(id));
      expectMetrics(row, judge(sessions.map((session) => ofPart(session, k))), sessions.length);
    }
    expect(output).toContain(`6 sessions, balanced accuracy ${judge(images).balanced_accuracy.toFixed(3)}`);
    expect(output).toContain(result);
  });

  it("gives no number where a class has no member", async () => {
    const { result, output } = await predict("patch", "--diagnoses", "AD", "--name", "ad");
    const [row] = table(join(result, "metrics.tsv"));
    expect(row).toMatchObject({ level: "image", count: "4" });
    for (const column of ["specificity", "balanced_accuracy", "auc"])
      expect(Number(row![column] || "NaN")).toBeNaN();
    expect(output).toContain("specificity not defined");
  });

  it.each(["validation", "uniform"])(
    "predicts a list without diagnoses, and judges nothing: --voting %s",
    async (weights) => {
      const list = join(folder.path, "new.tsv");
      writeFileSync(list, "participant_id\tsession_id\tage\nsub-03\tses-M00\t64\nsub-02\tses-M00\t60\n");
      const { result, output } = await predict("patch", "--tsv_path", list, "--voting", weights);
      expect(readdirSync(result)).not.toContain("metrics.tsv");
      const rows = table(join(result, "predictions.tsv"));
      expect(rows.map(({ participant_id, true_label }) => [participant_id, true_label])).toEqual([
        ["sub-03", ""],
        ["sub-02", ""],
      ]);
      const { sessions } = expectedOf("patch");
      for (const { participant_id, proba1, predicted_label } of rows) {
        const expected = sessions.find(({ key }) => key[0] === participant_id)!;
        const [, probability = 0] = weights === "uniform" ? expected.uniform : expected.probabilities;
        expect(Math.abs(Number(proba1) - probability)).toBeLessThan(1e-6);
        expect(predicted_label).toBe(probability > 0.5 ? "1" : "0");
      }
      expect(output).toContain("2 sessions without diagnoses, so the predictions are not judged");
      expect(JSON.parse(readFileSync(join(result, "commandline.json"), "utf8")).diagnoses).toBeNull();
    },
  );

  it("takes the rows of --diagnoses only from a list that has diagnoses", async () => {
    const list = join(folder.path, "new.tsv");
    writeFileSync(list, "participant_id\tsession_id\nsub-03\tses-M00\n");
    const argv = [
      "predict",
      modelOf("patch"),
      "--use_cpu",
      "--threads",
      "1",
      "--tsv_path",
      list,
      "--diagnoses",
      "AD",
    ];
    const { status, errors } = await voxplain(...argv, "--output_dir", join(folder.path, "out"));
    expect(status).toBe(1);
    expect(errors).toContain('new.tsv: it has no column "diagnosis"');
  });

  it("goes on without the validation predictions by --voting uniform", async () => {
    for (const shared of ["caps", "labels"]) {
      cpSync(join(partFixtures, shared), join(folder.path, shared), { recursive: true });
    }
    const model = join(folder.path, "models/patch");
    cpSync(modelOf("patch"), model, { recursive: true });
    rmSync(join(model, "fold-0/cnn_classification"), { recursive: true });
    const { result } = await predict(model, "--voting", "uniform");
    const rows = table(join(result, "predictions.tsv"));
    for (const [k, { uniform, label }] of expectedOf("patch").sessions.entries()) {
      expect(Math.abs(Number(rows[k]!.proba1) - uniform[1]!)).toBeLessThan(1e-6);
      expect(rows[k]!.true_label).toBe(String(label));
    }
    expect(table(join(result, "metrics.tsv"))[0]).toMatchObject({ level: "image", count: "6" });
  });

  it("reads several cohorts, with their names in every table", async () => {
    const { result } = await predict("cohorts");
    const rows = table(join(result, "predictions.tsv"));
    expect(rows.map((row) => [row.participant_id, row.session_id, row.cohort])).toEqual(
      [...expectedOf("cohorts").ad, ...expectedOf("cohorts").sessions.filter(({ label }) => label === 0)].map(
        ({ key }) => key,
      ),
    );
  });

  it("judges a model with atlas outputs by its class logits", async () => {
    const { result } = await predict("atlas");
    const rows = table(join(result, "predictions.tsv"));
    expect(Object.keys(rows[0]!).slice(-4)).toEqual(["logit0", "logit1", "proba0", "proba1"]);
    for (const [k, { parts }] of expectedOf("atlas").sessions.entries()) {
      expect(Math.abs(Number(rows[k]!.logit1) - parts[0]!.logits[1]!)).toBeLessThan(2e-5);
    }
  });

  it("judges 2D phantoms, too", async () => {
    const phantoms = fileURLToPath(new URL("fixtures/phantoms", import.meta.url));
    const { result } = await predict(join(phantoms, "model"), "--diagnoses", "AD");
    const expected: Record<string, { logits: number[] }> = JSON.parse(
      readFileSync(join(phantoms, "expected.json"), "utf8"),
    );
    for (const row of table(join(result, "predictions.tsv"))) {
      // Float32 logits of the order of 0.1.
      expect(Math.abs(Number(row.logit0) - expected[row.participant_id!]!.logits[0]!)).toBeLessThan(1e-7);
    }
  });

  it.each(["0", "1", "2"])("writes the same bytes with --nproc %s", async (nproc) => {
    const bytes = async (...options: string[]) =>
      readFileSync(join((await predict("slice-axial", ...options)).result, "slice_predictions.tsv"));
    expect((await bytes("--nproc", nproc)).equals(await bytes("--name", "again"))).toBe(true);
  });

  it("uses the lists that are given", async () => {
    const lists = ["--tsv_path", join(partFixtures, "labels"), "--baseline"];
    const { result } = await predict("patch", ...lists);
    expect(table(join(result, "data.tsv")).map((row) => row.session_id)).toEqual(Array(5).fill("ses-M00"));
  });
});
