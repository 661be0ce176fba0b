import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

const fixture = fileURLToPath(new URL("../../study/tests/fixtures/maps-slices", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "voxplain-maps-"));
const maps = join(folder, "model");
const labels = ["--tsv_path", join(folder, "labels/test.tsv"), "--caps_dir", join(folder, "caps")];
const text = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");
const json = (...path: string[]) => JSON.parse(text(...path)) as Record<string, unknown>;

beforeAll(() => {
  cpSync(fixture, folder, { recursive: true });
  // As the program writes them: a list of its own, beside which the CAPS of the training is named.
  mkdirSync(join(maps, "groups/test"), { recursive: true });
  const rows = text("labels/test.tsv")
    .trim()
    .split("\n")
    .map((line) => line.split("\t").slice(0, 3))
    .map(([participant, session, diagnosis], k) =>
      [participant, session, k === 0 ? "cohort" : "single", diagnosis].join("\t"),
    );
  writeFileSync(join(maps, "groups/test/data.tsv"), `${rows.join("\n")}\n`);
  writeFileSync(
    join(maps, "groups/test/maps.json"),
    JSON.stringify({ caps_directory: "../caps", multi_cohort: false }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const before = () => readdirSync(maps, { recursive: true }).map(String);

describe("voxplain predict of a MAPS", () => {
  it("takes a data group of the folder, with its CAPS, and writes beside what ClinicaDL wrote", async () => {
    const files = before();
    const { status, output, errors } = await voxplain("predict", maps, "--use_cpu", "--data_group", "test");
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    expect(output).toMatch(/split 0, best_loss: 3 sessions, balanced accuracy 0\.500.*positive class is AD/);
    const result = "model/split-0/predictions/best_loss/all";
    expect(text(result, "predictions.tsv")).toMatch(
      /^participant_id\tsession_id\ttrue_label\tpredicted_label\tproba0\tproba1\nsub-HLD001\tses-M000\t0\t1\t/,
    );
    expect(text(result, "metrics.tsv").split("\n")[0]).toMatch(/\tpositive_label$/);
    expect(json(result, "commandline.json")).toMatchObject({
      ...{ data_group: "test", tsv_path: null, label: "diagnosis", selection: ["best_loss"], folds: [0] },
    });
    expect(before().filter((name) => !name.startsWith("split-0/predictions"))).toEqual(files);
  });

  it("refuses an unknown group, and one beside label lists", async () => {
    const absent = await voxplain("predict", maps, "--use_cpu", "--data_group", "other");
    expect(absent.errors).toContain('there is no data group "other" (--data_group): found test');
    const both = await voxplain(
      "predict",
      maps,
      "--use_cpu",
      "--name",
      "x",
      "--data_group",
      "test",
      ...labels,
    );
    expect(both.errors).toContain(
      "a data group and label lists exclude each other (--data_group, --tsv_path)",
    );
    expect(both.status).toBe(2);
  });
});

describe("voxplain interpret of a MAPS", () => {
  it("explains the class of the diagnosis by the folder's own code, and records what was typed", async () => {
    const { status, errors } = await voxplain(
      ...["interpret", "group", maps, "CN", "--use_cpu", "--selection", "loss", "--diagnosis", "CN"],
      ...["--output_dir", join(folder, "results"), ...labels],
    );
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    const result = "results/split-0/gradients/best_loss/CN";
    expect(json(result, "commandline.json")).toMatchObject({
      ...{ model_path: maps, selection: ["loss"], diagnosis: "CN", target_diagnosis: "CN" },
    });
    expect(text(result, "data.tsv")).toMatch(/sub-HLD002/);
  });

  it("says how many sessions its networks saw", async () => {
    const seen = "participant_id\tsession_id\nsub-HLD001\tses-M000\n";
    writeFileSync(join(maps, "groups/train+validation.tsv"), seen);
    const { output } = await voxplain("interpret", "group", maps, "x", "--use_cpu", "--dry_run", ...labels);
    expect(output).toContain(
      "warning: 1 of 2 sessions are of participants that the networks saw in training",
    );
  });

  it.each<[string, readonly string[], RegExp, 1 | 2]>([
    [
      "a class that it does not know",
      ["--target_diagnosis", "MCI"],
      /"MCI" has no class \(those that have: AD, CN\)/,
      2,
    ],
    [
      "a node that it does not have",
      ["--target_node", "2"],
      /class 2 does not exist: expected a class from 0 to 1/,
      2,
    ],
    [
      "a selection that it does not have",
      ["--selection", "BA"],
      /no network was selected by "BA": found best_loss/,
      1,
    ],
  ])("refuses %s", async (_, options, problem, status) => {
    const result = await voxplain("interpret", "group", maps, "x", "--use_cpu", ...options, ...labels);
    expect(result.errors).toMatch(problem);
    expect(result.status).toBe(status);
  });
});

describe("voxplain interpret of a MAPS of another label", () => {
  const ofSex = join(folder, "sex");
  beforeAll(() => {
    cpSync(maps, ofSex, { recursive: true });
    const settings = { ...json("model/maps.json"), label: "sex", label_code: { F: 0, M: 1 } };
    writeFileSync(join(ofSex, "maps.json"), JSON.stringify(settings));
  });
  const dryRun = (...options: string[]) =>
    voxplain(
      "interpret",
      "group",
      ofSex,
      "x",
      "--use_cpu",
      "--dry_run",
      "--voting",
      "uniform",
      ...labels,
      ...options,
    );

  it("asks for the class, and lists the classes", async () => {
    const { errors, status } = await dryRun();
    expect(errors).toMatch(
      /the class to explain is not given.*the sex F \(class 0\), M \(class 1\).*--target_label/,
    );
    expect(status).toBe(2);
  });

  it("takes every session, unless diagnoses are chosen", async () => {
    expect((await dryRun("--target_label", "M")).output).toContain("sessions: 3");
    expect((await dryRun("--target_label", "M", "--diagnosis", "AD")).output).toContain("sessions: 2");
  });

  it("refuses a diagnosis as the class", async () => {
    const { errors, status } = await dryRun("--target_diagnosis", "AD");
    expect(errors).toContain("its classes are not diagnoses (--target_diagnosis)");
    expect(status).toBe(2);
  });
});
