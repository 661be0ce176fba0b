import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  expectedNpy,
  expectedOf,
  expectMap,
  interpretModel,
  interpretParts,
  npy,
  partFixtures,
  row,
  table,
  temporaryFolder,
} from "./part-fixtures.ts";

const folder = temporaryFolder();

const cohorts = join(partFixtures, "cohorts");
const caps = ["--caps_dir", join(cohorts, "caps.tsv")];
const labels = (file: string) => ["--tsv_path", join(cohorts, file)];
const both = ["--multi_cohort", ...caps, ...labels("labels.tsv")];

// Float32 against float64, two convolutions.
const tolerance = 1e-5;

describe("several cohorts", () => {
  it.each([
    ["of the training", []],
    ["by --multi_cohort", both],
  ])(
    "have one group map, in the order of their table, with the cohort beside each session: %s",
    async (_, options) => {
      const result = await interpretParts(folder.path, "group", "cohorts", "g", ...options);
      expectMap(npy(join(result, "map.npy")), expectedNpy("cohorts", "group.npy"), tolerance);
      const { ad } = expectedOf("cohorts");
      const sessions = table(join(result, "data.tsv"));
      expect(sessions.map((line) => [line.participant_id, line.session_id, line.cohort])).toEqual(
        ad.map(({ key }) => key),
      );
      expect(Object.keys(sessions[0]!)).toEqual([
        "participant_id",
        "session_id",
        "diagnosis",
        "age",
        "cohort",
      ]);
      const predictions = table(join(result, "predictions.tsv"));
      expect(predictions.map((line) => [line.participant_id, line.session_id, line.cohort])).toEqual(
        ad.map(({ key }) => key),
      );
      for (const [k, { parts }] of ad.entries()) {
        // The image of the right cohort: both have a sub-01 ses-M00.
        expect(Math.abs(Number(predictions[k]!.logit1) - parts[0]!.logits[1]!)).toBeLessThan(2e-5);
      }
    },
  );

  it("have maps of each session, read from the CAPS of its cohort", async () => {
    mkdirSync(join(folder.path, "lists"));
    writeFileSync(join(folder.path, "lists/AD.tsv"), "participant_id\tsession_id\nsub-02\tses-M00\n");
    const tsv = join(folder.path, "cohorts.tsv");
    const second = join(partFixtures, "labels-second");
    writeFileSync(tsv, `cohort\tpath\tdiagnoses\nFIRST\tlists\tAD\nSECOND\t${second}\tAD, CN\n`);
    const options = ["--multi_cohort", ...caps, "--tsv_path", tsv];
    const result = await interpretParts(folder.path, "individual", "cohorts", "i", ...options);
    const maps = expectedNpy("cohorts", "individual.npy");
    expectMap(npy(join(result, "sub-01/ses-M00/map.npy")), row(maps, 0), tolerance);
    expectMap(npy(join(result, "sub-02/ses-M00/map.npy")), row(maps, 1), tolerance);
  });

  it("have a folder each where they share a session, which is another person's in each", async () => {
    const result = await interpretParts(folder.path, "individual", "cohorts", "i", ...both);
    const { ad } = expectedOf("cohorts");
    const maps = expectedNpy("cohorts", "individual.npy");
    for (const [k, { key }] of ad.entries()) {
      const [participant = "", session = "", cohort = ""] = key;
      expectMap(npy(join(result, cohort, participant, session, "map.npy")), row(maps, k), tolerance);
    }
    const folders = readdirSync(result, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(["FIRST", "SECOND"]);
  });

  it("need names for these folders that do not lead elsewhere", async () => {
    for (const table of ["caps.tsv", "labels.tsv"]) {
      const text = readFileSync(join(cohorts, table), "utf8").replaceAll("../", `${partFixtures}/`);
      writeFileSync(join(folder.path, table), text.replace("FIRST", "../FIRST"));
    }
    const lists = [
      "--caps_dir",
      join(folder.path, "caps.tsv"),
      "--tsv_path",
      join(folder.path, "labels.tsv"),
    ];
    const options = ["--multi_cohort", ...lists, "--output_dir", join(folder.path, "out")];
    const { status, errors } = await interpretModel(folder.path, "individual", "cohorts", "x", ...options);
    expect(status).toBe(2);
    expect(errors).toContain('the cohort "../FIRST" shares sessions with another one');
    expect(readdirSync(folder.path).sort()).toEqual(["caps.tsv", "labels.tsv"]);
  });

  it("pass over a cohort that lacks the diagnosis", async () => {
    const result = await interpretParts(folder.path, "group", "cohorts", "g", ...both, "--diagnosis", "CN");
    expect(table(join(result, "data.tsv")).map((line) => [line.participant_id, line.cohort])).toEqual([
      ["sub-09", "SECOND"],
    ]);
  });

  it("serve a network of patches, too", async () => {
    const tsv = join(folder.path, "first.tsv");
    writeFileSync(tsv, `cohort\tpath\tdiagnoses\nFIRST\t${join(partFixtures, "labels")}\tAD\n`);
    const options = ["--multi_cohort", ...caps, "--tsv_path", tsv];
    const result = await interpretParts(folder.path, "group", "patch", "g", ...options);
    expectMap(npy(join(result, "map.npy")), expectedNpy("patch", "group.npy"), tolerance);
    const [first] = table(join(result, "patch_predictions.tsv"));
    expect(first).toMatchObject({ cohort: "FIRST", participant_id: "sub-02", patch_id: "0" });
  });

  it("are judged by --keep_true as they are explained: each image from its cohort", async () => {
    const { ad } = expectedOf("cohorts");
    for (const keep of [true, false]) {
      const kept = ad.filter(({ predicted }) => (predicted === 1) === keep).map(({ key }) => key);
      const options = [...both, "--keep_true", String(keep)];
      if (kept.length === 0) {
        expect((await interpretModel(folder.path, "group", "cohorts", "x", ...options)).status).toBe(1);
        continue;
      }
      const result = await interpretParts(folder.path, "group", "cohorts", `k${keep}`, ...options);
      const used = table(join(result, "data.tsv"));
      expect(used.map((line) => [line.participant_id, line.session_id, line.cohort])).toEqual(kept);
    }
  });

  it("without new paths --multi_cohort is not taken into account", async () => {
    const result = await interpretParts(folder.path, "group", "patch", "g", "--multi_cohort");
    expectMap(npy(join(result, "map.npy")), expectedNpy("patch", "group.npy"), tolerance);
    expect(table(join(result, "data.tsv"))[0]).toMatchObject({ cohort: "single" });
  });

  it("of a training are replaced by one cohort where paths of one are given", async () => {
    const single = [
      "--caps_dir",
      join(partFixtures, "caps-second"),
      "--tsv_path",
      join(partFixtures, "labels-second"),
    ];
    const result = await interpretParts(folder.path, "individual", "cohorts", "i", ...single);
    expectMap(
      npy(join(result, "sub-01/ses-M00/map.npy")),
      row(expectedNpy("cohorts", "individual.npy"), 0),
      tolerance,
    );
    expect(table(join(result, "data.tsv"))[0]).toMatchObject({ cohort: "single" });
  });
});

describe("tables of cohorts that do not fit are refused:", () => {
  it.each([
    [
      "a cohort that the CAPS table lacks",
      "unknown.tsv",
      /unknown\.tsv, line 2: the cohort "THIRD" is not in .*caps\.tsv, which has FIRST, SECOND/,
    ],
    ["a column that is missing", "no-diagnoses.tsv", /no-diagnoses\.tsv.*diagnoses/],
    [
      "a cohort that is listed twice",
      "twice.tsv",
      /twice\.tsv, line 3: the cohort "FIRST" is in line 2 already/,
    ],
  ])("%s", async (_, file, message) => {
    const options = ["--multi_cohort", ...caps, ...labels(file)];
    const { status, errors } = await interpretModel(folder.path, "group", "cohorts", "x", ...options);
    expect(errors).toMatch(message);
    expect(status).toBe(1);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("a session that is listed twice in a cohort, with table, list and line", async () => {
    mkdirSync(join(folder.path, "lists"));
    const line = "sub-02\tses-M00\n";
    writeFileSync(join(folder.path, "lists/AD.tsv"), `participant_id\tsession_id\n${line}${line}`);
    writeFileSync(join(folder.path, "c.tsv"), "cohort\tpath\tdiagnoses\nFIRST\tlists\tAD\n");
    const options = ["--multi_cohort", ...caps, "--tsv_path", join(folder.path, "c.tsv")];
    const { status, errors } = await interpretModel(folder.path, "group", "cohorts", "x", ...options);
    expect(errors).toMatch(/c\.tsv, line 2: .*AD\.tsv, line 3.*sub-02/);
    expect(status).toBe(1);
  });
});
