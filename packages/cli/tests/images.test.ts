import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/onnx/${name}`, import.meta.url));
const network = fixture("volume.onnx");

let folder: string;
let out: string;
const inFolder = (name: string) => join(folder, name);
const written = (...path: string[]) => readFileSync(join(out, ...path), "utf8");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-images-"));
  out = inFolder("out");
  copyFileSync(fixture("volume.nii.gz"), inFolder("a.nii.gz"));
  mkdirSync(inFolder("scans"));
  copyFileSync(fixture("volume.nii.gz"), inFolder("scans/b, second.nii.gz"));
  writeFileSync(
    inFolder("cohort.csv"),
    'participant_id;diagnosis;age;image\r\n001;AD;71,5;a.nii.gz\r\n002;CN;68,0;"scans/b, second.nii.gz"\r\n',
  );
  for (const [id, session] of [
    ["01", "ses-M00"],
    ["02", "ses-M00"],
  ] as const) {
    const anat = inFolder(`bids/sub-${id}/${session}/anat`);
    mkdirSync(anat, { recursive: true });
    copyFileSync(fixture("volume.nii.gz"), join(anat, `sub-${id}_${session}_T1w.nii.gz`));
  }
  writeFileSync(inFolder("bids/dataset_description.json"), '{"Name": "two", "BIDSVersion": "1.8.0"}');
  writeFileSync(inFolder("bids/participants.tsv"), "participant_id\tdiagnosis\nsub-02\tCN\nsub-01\tAD\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: "interpret" | "predict", ...argv: string[]) =>
  voxplain(command, ...argv, "--use_cpu", "--threads", "1", "--output_dir", out);
const ofTable = (...argv: string[]) => [...argv, "--images", inFolder("cohort.csv")];

describe("an ONNX file with a table of images", () => {
  it("gives the mean map below gradients/<name>, without folders of fold and selection", async () => {
    const { status, errors } = await run(
      "interpret",
      "group",
      network,
      ...ofTable("mean", "--target_node", "1"),
    );
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    expect(readdirSync(join(out, "gradients/mean")).sort()).toEqual([
      "commandline.json",
      "data.tsv",
      "map.nii.gz",
      "map.npy",
      "map.png",
      "predictions.tsv",
      "provenance.json",
    ]);
    expect(written("gradients/mean/data.tsv")).toBe(
      "participant_id\tdiagnosis\tage\timage\tcohort\n001\tAD\t71,5\ta.nii.gz\tsingle\n" +
        "002\tCN\t68,0\tscans/b, second.nii.gz\tsingle\n",
    );
    const options = JSON.parse(written("gradients/mean/commandline.json"));
    expect(options).toMatchObject({
      ...{ model_path: network, images: inFolder("cohort.csv"), target_node: 1 },
      ...{ selection: null, folds: null, caps_dir: null, tsv_path: null },
    });
  });

  it("gives the same map of each image as explain, in the folder of its participant", async () => {
    await run("interpret", "individual", network, ...ofTable("each", "--target_node", "1"));
    expect(readdirSync(join(out, "gradients/each/001")).sort()).toEqual(["map.nii.gz", "map.npy", "map.png"]);
    const alone = inFolder("alone");
    await voxplain(
      "explain",
      network,
      inFolder("a.nii.gz"),
      "--target",
      "1",
      "--use_cpu",
      "--threads",
      "1",
      "--output_dir",
      alone,
    );
    const map = (path: string) => readFileSync(path).toString("hex");
    expect(map(join(out, "gradients/each/001/map.npy"))).toBe(map(join(alone, "a.npy")));
  });

  it("predicts all rows; participants without sessions have the session n/a", async () => {
    const { status, output } = await run("predict", network, ...ofTable("--label_code", "CN=0", "AD=1"));
    expect(status).toBe(0);
    expect(output).toMatch(/volume\.onnx: 2 sessions, accuracy/);
    const [header, ...rows] = written("predictions/all/predictions.tsv").trim().split("\n");
    expect(header).toMatch(/^participant_id\tsession_id\ttrue_label\tpredicted_label\tlogit0/);
    expect(rows.map((row) => row.split("\t").slice(0, 3))).toEqual([
      ["001", "n/a", "1"],
      ["002", "n/a", "0"],
    ]);
  });

  it("has no metrics where nothing says which label is which class", async () => {
    const { status, output } = await run("predict", network, ...ofTable("--name", "unjudged"));
    expect(status).toBe(0);
    expect(output).toContain(
      "2 sessions, and nothing says which class each of their labels is (--label_code), so the predictions are not judged",
    );
    expect(readdirSync(join(out, "predictions/unjudged"))).not.toContain("metrics.tsv");
  });

  it("needs the class that is explained", async () => {
    const { status, errors } = await run("interpret", "group", network, ...ofTable("nothing"));
    expect(status).toBe(2);
    expect(errors).toMatch(
      /^voxplain: .*volume\.onnx: the class to explain is not given, and nothing says which class each diagnosis is, AD, CN \(--label_code\); name it by its number \(--target_node 1\)/,
    );
  });
});

describe("a BIDS folder with an ONNX file", () => {
  it("is explained image by image, with the rows of its tables", async () => {
    const { status } = await run(
      ...(["interpret", "individual", network, "bids", "--target_node", "0"] as const),
      ...["--images", inFolder("bids"), "--bids_filter", "suffix=T1w", "--diagnosis", "CN"],
    );
    expect(status).toBe(0);
    expect(readdirSync(join(out, "gradients/bids")).filter((name) => name.startsWith("sub-"))).toEqual([
      "sub-02",
    ]);
    expect(readdirSync(join(out, "gradients/bids/sub-02"))).toEqual(["ses-M00"]);
  });
});

describe("inspect with --images", () => {
  it("lists the sessions that the model can use, and those that it cannot with the reason", async () => {
    writeFileSync(inFolder("some.tsv"), "participant_id\timage\n001\ta.nii.gz\n002\tnone.nii.gz\n");
    const { status, output } = await voxplain("inspect", network, "--images", inFolder("some.tsv"));
    expect(status).toBe(0);
    expect(output).toMatch(
      /sessions that can be used: 1, .*\n {2}001\nsessions that cannot be used: 1\n {2}002: .*none\.nii\.gz: there is no such file/,
    );
  });

  it("counts the known labels of the sessions that can be used", async () => {
    const table = "participant_id\tdiagnosis\timage\n001\tAD\ta.nii.gz\n002\tAD\tnone.nii.gz\n";
    writeFileSync(inFolder("labelled.tsv"), table);
    const images = ["--images", inFolder("labelled.tsv"), "--label_code", "AD=1"];
    const { output } = await voxplain("inspect", network, ...images);
    expect(output).toContain("sessions that can be used: 1, with a known label: 1\n");
  });

  it("says all that is wrong at once where the table cannot be used", async () => {
    const rows = "001\ta.nii.gz\n001\tb.nii.gz\n002\tnone.nii.gz\n";
    writeFileSync(inFolder("wrong.tsv"), `participant_id\timage\n${rows}`);
    const { status, errors } = await voxplain("inspect", network, "--images", inFolder("wrong.tsv"));
    expect(status).toBe(1);
    expect(errors).toMatch(
      /there are 2 problems:\n.*several images of one session.*\n.*none\.nii\.gz: there is no/,
    );
  });
});

describe("what --images excludes is refused with exit status 2, all of it at once:", () => {
  it.each([
    [
      "a CAPS, label lists and first visits",
      ["--caps_dir", "x", "--tsv_path", "y", "--baseline"],
      ["--caps_dir", "--tsv_path", "--baseline"],
    ],
    [
      "a filter of BIDS files for a table",
      ["--bids_filter", "suffix=T1w"],
      ["--bids_filter needs a BIDS folder"],
    ],
    ["a missing label column", ["--label", "group"], ['no column "group"']],
    ["an invalid code", ["--label_code", "AD"], ["--label_code cannot be used: expected value=node"]],
  ] as const)("%s", async (_, argv, sentences) => {
    const { status, errors } = await run("predict", network, ...ofTable("--name", "refused", ...argv));
    expect(status).toBe(2);
    for (const sentence of sentences) expect(errors).toContain(sentence);
  });

  it("a single image, and options that need images", async () => {
    const image = await run("predict", network, "--name", "x", "--images", inFolder("a.nii.gz"));
    expect(image.status).toBe(2);
    expect(image.errors).toMatch(
      /it is an image, and not a list of images \(--images\); give a table .*voxplain explain/,
    );
    const { status, errors } = await run(
      "predict",
      network,
      "--label",
      "sex",
      "--masks",
      "m",
      "--bids_filter",
      "run=1",
    );
    expect(status).toBe(2);
    for (const option of ["--label", "--masks", "--bids_filter"])
      expect(errors).toContain(`${option} needs images`);
  });
});
