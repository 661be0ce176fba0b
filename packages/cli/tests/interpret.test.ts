import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { decodeNpy, float32Values } from "@voxplain/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

const sample = fileURLToPath(new URL("../../../sample", import.meta.url));
const model = join(sample, "models/random_small");
const template = join(sample, "template/colin27_t1_2mm.nii.gz");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const gradients = (path: string, fold = 0, selection = "best_balanced_accuracy") =>
  join(path, `fold-${fold}`, "gradients", selection);

/** A label list with the first sessions of AD: computing all of them takes longer. */
function fewLabels(...sessions: string[]): string {
  const labels = join(folder, "labels");
  mkdirSync(labels, { recursive: true });
  const rows = sessions.map((session) => `${session.replace(" ", "\t")}\tAD\t70`);
  writeFileSync(
    join(labels, "AD.tsv"),
    ["participant_id\tsession_id\tdiagnosis\tage", ...rows, ""].join("\n"),
  );
  return labels;
}

/** Without pictures unless options ask for them. */
function interpret(level: string, name: string, ...options: string[]) {
  const pictures = options.includes("--pictures") ? [] : ["--pictures", "none"];
  // A second thread is longer started than it computes.
  const threads = options.includes("--nproc") ? "2" : "1";
  const common = ["--use_cpu", "--threads", threads, "--folds", "0", "--output_dir", folder, ...pictures];
  return voxplain("interpret", level, model, name, ...common, ...options);
}

const drawn = ["--pictures", "all"];

const table = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));

describe("voxplain interpret group", () => {
  it("writes the files of the manual, and those beyond it, where the manual says", async () => {
    const { status, output, errors } = await interpret(
      "group",
      "AD_map",
      "--nifti_template_path",
      template,
      ...drawn,
    );
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    const result = join(gradients(folder), "AD_map");
    expect(output).toBe(`${result}\n`);
    expect(readdirSync(result).sort()).toEqual([
      "commandline.json",
      "data.tsv",
      "map.nii.gz",
      "map.npy",
      "map.png",
      "predictions.tsv",
      "provenance.json",
    ]);
    expect(readdirSync(gradients(folder))).toEqual(["AD_map"]);

    const data = table(join(result, "data.tsv"));
    expect(data[0]).toEqual(["participant_id", "session_id", "diagnosis", "age", "sex", "cohort"]);
    expect(data[1]).toEqual(["sub-SIM001", "ses-M00", "AD", "71.0", "M", "single"]);
    expect(data.length).toBe(8);

    const predictions = table(join(result, "predictions.tsv"));
    expect(predictions[0]).toEqual(
      "participant_id session_id true_label predicted_label logit0 logit1 proba0 proba1".split(" "),
    );
    expect(predictions.length).toBe(8);
    // expected/random_small/fold-0/logits.tsv, computed by PyTorch in float64.
    expect(Number(predictions[1]![4])).toBeCloseTo(-5.6659013463464, 5);
    expect(Number(predictions[1]![5])).toBeCloseTo(4.4202359207425, 5);
    expect(predictions[1]!.slice(2, 4)).toEqual(["1", "1"]);
    expect(Number(predictions[1]![6]) + Number(predictions[1]![7])).toBeCloseTo(1, 12);

    expect(JSON.parse(readFileSync(join(result, "commandline.json"), "utf8"))).toMatchObject({
      task: "group",
      name: "AD_map",
      diagnosis: "AD",
      target_diagnosis: "AD",
      caps_dir: join(sample, "caps"),
      tsv_path: join(sample, "labels"),
      selection: ["best_balanced_accuracy"],
      nifti_template_path: template,
      batch_size: 2,
      nproc: 2,
      keep_true: null,
      baseline: false,
      vmax: 0.5,
    });

    const npy = readFileSync(join(result, "map.npy"));
    expect(npy.subarray(0, 128).toString("latin1")).toContain(
      "'descr': '<f4', 'fortran_order': False, 'shape': (85, 104, 90)",
    );
    const map = float32Values(decodeNpy(npy, "map.npy"));
    const reference = join(sample, "expected/random_small/fold-0/group/mean.npy");
    const expected = float32Values(decodeNpy(readFileSync(reference), reference));
    let difference = 0;
    let norm = 0;
    for (const [k, value] of expected.entries()) {
      difference += (map[k]! - value) ** 2;
      norm += value ** 2;
    }
    // PyTorch's own float32 map differs by 1.17e-3 from this one: a few pooling windows flip.
    expect(Math.sqrt(difference / norm)).toBeLessThan(1.2e-3);

    const nifti = gunzipSync(readFileSync(join(result, "map.nii.gz")));
    const view = new DataView(nifti.buffer, nifti.byteOffset, nifti.byteLength);
    expect([42, 44, 46].map((at) => view.getInt16(at, true))).toEqual([85, 104, 90]);
    expect(view.getInt16(70, true)).toBe(16);
    const affine = Array.from({ length: 12 }, (_, k) => view.getFloat32(280 + 4 * k, true));
    expect(affine).toEqual([2, 0, 0, -84, 0, 2, 0, -119, 0, 0, 2, -78]);
  });

  it("gives the same bytes from run to run and for any --nproc", async () => {
    const labels = fewLabels("sub-SIM001 ses-M00", "sub-SIM003 ses-M00", "sub-SIM003 ses-M12");
    const bytes: Buffer[] = [];
    for (const [k, nproc] of ["0", "1", "2", "2"].entries()) {
      expect((await interpret("group", `run${k}`, "--tsv_path", labels, "--nproc", nproc)).status).toBe(0);
      bytes.push(readFileSync(join(gradients(folder), `run${k}`, "map.npy")));
    }
    for (const other of bytes.slice(1)) expect(other.equals(bytes[0]!)).toBe(true);
  });

  it("does not depend on the batch size beyond float32 rounding", async () => {
    const labels = fewLabels("sub-SIM001 ses-M00", "sub-SIM006 ses-M00", "sub-SIM010 ses-M00");
    const maps: Float32Array[] = [];
    for (const size of ["1", "2", "7"]) {
      expect(
        (await interpret("group", `batch${size}`, "--tsv_path", labels, "--batch_size", size)).status,
      ).toBe(0);
      const npy = readFileSync(join(gradients(folder), `batch${size}`, "map.npy"));
      maps.push(new Float32Array(Uint8Array.from(npy.subarray(128)).buffer));
    }
    const norm = Math.sqrt(maps[0]!.reduce((sum, value) => sum + value ** 2, 0));
    for (const map of maps.slice(1)) {
      const difference = Math.sqrt(map.reduce((sum, value, k) => sum + (value - maps[0]![k]!) ** 2, 0));
      expect(difference / norm).toBeLessThan(1e-6);
    }
  });
});

describe("voxplain interpret individual", () => {
  it("writes one folder per session and the lists once", async () => {
    const labels = fewLabels("sub-SIM003 ses-M12", "sub-SIM001 ses-M00");
    const { status } = await interpret(
      "individual",
      "each",
      "--tsv_path",
      labels,
      "--nifti_template_path",
      template,
      ...drawn,
    );
    expect(status).toBe(0);
    const result = join(gradients(folder), "each");
    expect(readdirSync(result).sort()).toEqual([
      "commandline.json",
      "data.tsv",
      "predictions.tsv",
      "provenance.json",
      "sub-SIM001",
      "sub-SIM003",
    ]);
    const session = join(result, "sub-SIM003/ses-M12");
    expect(readdirSync(session).sort()).toEqual(["map.nii.gz", "map.npy", "map.png"]);
    expect(readFileSync(join(session, "map.npy")).subarray(0, 128).toString("latin1")).toContain(
      "(1, 85, 104, 90)",
    );
    // In the order of the label list.
    expect(table(join(result, "data.tsv")).map((row) => row[0])).toEqual([
      "participant_id",
      "sub-SIM003",
      "sub-SIM001",
    ]);
    const { inputs, outputs } = JSON.parse(readFileSync(join(result, "provenance.json"), "utf8"));
    expect(inputs).toHaveLength(2);
    expect(inputs[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(outputs.map(({ file }: { file: string }) => file)).toContain("sub-SIM001/ses-M00/map.nii.gz");
  });
});

describe("--keep_true", () => {
  it("true keeps what is classified correctly, and data.tsv lists just that", async () => {
    const labels = fewLabels("sub-SIM001 ses-M00");
    // A session of CN that is listed as AD: the network rightly disagrees.
    writeFileSync(
      join(labels, "AD.tsv"),
      "participant_id\tsession_id\nsub-SIM002\tses-M00\nsub-SIM001\tses-M00\n",
    );
    expect((await interpret("group", "right", "--tsv_path", labels, "--keep_true", "True")).status).toBe(0);
    const result = join(gradients(folder), "right");
    expect(table(join(result, "data.tsv")).slice(1)).toEqual([["sub-SIM001", "ses-M00", "single"]]);
    expect(table(join(result, "predictions.tsv")).map((row) => row.slice(0, 4))).toEqual([
      ["participant_id", "session_id", "true_label", "predicted_label"],
      ["sub-SIM002", "ses-M00", "1", "0"],
      ["sub-SIM001", "ses-M00", "1", "1"],
    ]);
  });

  it("takes the class of a session from its own diagnosis, where the list of another one has it", async () => {
    const labels = fewLabels("sub-SIM001 ses-M00");
    writeFileSync(
      join(labels, "AD.tsv"),
      "participant_id\tsession_id\tdiagnosis\nsub-SIM002\tses-M00\tCN\nsub-SIM001\tses-M00\tDementia\n",
    );
    expect((await interpret("group", "own", "--tsv_path", labels, "--keep_true", "true")).status).toBe(0);
    expect(table(join(gradients(folder), "own/predictions.tsv")).map((row) => row.slice(0, 4))).toEqual([
      ["participant_id", "session_id", "true_label", "predicted_label"],
      ["sub-SIM002", "ses-M00", "0", "0"],
      ["sub-SIM001", "ses-M00", "1", "1"],
    ]);
  });

  it("false with nothing to keep is an error, and nothing is left behind", async () => {
    const labels = fewLabels("sub-SIM001 ses-M00");
    const { status, errors } = await interpret("group", "wrong", "--tsv_path", labels, "--keep_true", "no");
    expect(status).toBe(1);
    expect(errors).toContain(
      "no session is left to explain: there are 1 of AD, and all of them are classified correctly",
    );
    expect(readdirSync(folder)).toEqual(["labels"]);
  });
});

describe("what goes wrong is said in a sentence, with nothing half written:", () => {
  async function refused(argv: string[], status: number, message: string | RegExp) {
    const before = readdirSync(folder, { recursive: true }).sort();
    const result = await voxplain("interpret", ...argv, "--use_cpu", "--output_dir", folder);
    expect(result.errors.split("\n").filter((line) => line.startsWith("voxplain:"))).toHaveLength(1);
    expect(result.errors).toMatch(message);
    expect(result.errors).not.toMatch(/\n\s+at /);
    expect(result.status).toBe(status);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
  }

  /** A copy of the model folder to be damaged. */
  function copyOfModel(): string {
    const copy = join(folder, "model");
    cpSync(model, copy, { recursive: true });
    const settings = JSON.parse(readFileSync(join(copy, "commandline.json"), "utf8"));
    setSettings(copy, { ...settings, caps_dir: join(sample, "caps"), tsv_path: join(sample, "labels") });
    return copy;
  }
  const setSettings = (copy: string, settings: object) =>
    writeFileSync(join(copy, "commandline.json"), JSON.stringify(settings));
  const changeSettings = (change: object) => {
    const copy = copyOfModel();
    setSettings(copy, { ...JSON.parse(readFileSync(join(copy, "commandline.json"), "utf8")), ...change });
    return copy;
  };

  it("a missing model folder", () =>
    refused(["group", join(folder, "nowhere"), "x"], 1, /there is no model folder at .*nowhere/));

  it("a folder that is not a model folder", () =>
    refused(["group", sample, "x"], 1, /neither commandline\.json nor maps\.json/));

  it("a fold that was deleted", async () => {
    const copy = copyOfModel();
    rmSync(join(copy, "fold-1"), { recursive: true });
    await refused(["group", copy, "x", "--folds", "0", "1"], 1, /no fold-1.*fold-0/);
  });

  it("a selection that was not kept", async () => {
    const copy = copyOfModel();
    rmSync(join(copy, "fold-0/models/best_loss"), { recursive: true });
    await refused(["group", copy, "x", "--selection", "best_loss"], 1, /best_loss.*best_balanced_accuracy/s);
  });

  it("a truncated checkpoint", async () => {
    const copy = copyOfModel();
    truncateSync(join(copy, "fold-0/models/best_balanced_accuracy/model_best.pth.tar"), 100_000);
    await refused(["group", copy, "x"], 1, /model_best\.pth\.tar/);
  });

  it("a truncated image", async () => {
    cpSync(join(sample, "caps/subjects/sub-SIM001"), join(folder, "caps/subjects/sub-SIM001"), {
      recursive: true,
    });
    const images = join(
      folder,
      "caps/subjects/sub-SIM001/ses-M00/deeplearning_prepare_data/image_based/t1_linear",
    );
    truncateSync(join(images, readdirSync(images)[0]!), 1_000_000);
    const labels = fewLabels("sub-SIM001 ses-M00");
    const argv = ["group", model, "x", "--caps_dir", join(folder, "caps"), "--tsv_path", labels];
    await refused(argv, 1, /sub-SIM001 ses-M00: .*\.pt/);
  });

  it("a session without an image, before anything is computed, if the job is to stop there", async () => {
    const labels = fewLabels("sub-SIM001 ses-M00", "sub-SIM099 ses-M00");
    await refused(
      ["group", model, "x", "--tsv_path", labels, "--on_error", "stop"],
      1,
      /sub-SIM099 ses-M00: there is no t1-linear-downsampled image/,
    );
  });

  it("a participant whose name would lead out of the CAPS", async () => {
    const labels = fewLabels("../../etc ses-M00");
    await refused(
      ["group", model, "x", "--tsv_path", labels],
      1,
      /"\.\.\/\.\.\/etc" cannot be a participant_id/,
    );
  });

  it("a diagnosis without a list", () =>
    refused(["group", model, "x", "--diagnosis", "MCI"], 1, /no label list .*MCI\.tsv.*AD\.tsv/));

  it("a diagnosis without a class", () =>
    refused(["group", model, "x", "--target_diagnosis", "FTD"], 2, /"FTD" has no class/));

  it("a template on another grid", async () => {
    const labels = fewLabels("sub-SIM001 ses-M00");
    const other = join(folder, "other.nii");
    writeFileSync(other, tinyNifti());
    const argv = ["group", model, "x", "--tsv_path", labels, "--nifti_template_path", other];
    await refused(argv, 1, /has 85×104×90 voxels, but the template .* has 2×3×4: /);
  });

  it("a name that would lead elsewhere", () =>
    refused(["group", model, "../x"], 2, /cannot be the name of a task/));

  it.each([
    [{ network_type: "autoencoder" }, /the model is an autoencoder.*instead of the logits of classes/],
    [
      { preprocessing: "pet-linear" },
      /invalid value of "preprocessing": expected one of "t1-linear".* found "pet-linear"/,
    ],
    [
      { mode: "patch", patch_size: 50, stride_size: 50 },
      /validation_patch_level_prediction\.tsv: there is no such file.*--voting uniform/,
    ],
    [
      { mode: "slice" },
      /validation_slice_level_prediction\.tsv: there is no such file.*weigh the slices' votes/,
    ],
  ])("a model that cannot be explained so: %j", async (change, message) => {
    await refused(["group", changeSettings(change), "x"], 1, message);
  });

  it.each([
    [["--multi_cohort", "--caps_dir", join(sample, "caps")], 2, /\(caps_dir\) is a folder.*has to be a TSV/],
    [
      ["--caps_dir", join(sample, "labels/AD.tsv")],
      2,
      /\(caps_dir\) is a file.*several cohorts.*--multi_cohort/,
    ],
  ])("paths of one cohort and of several that are mixed up: %j", async (options, status, message) => {
    await refused(["group", model, "x", ...options], status, message);
  });

  it("a result that is there already, which stays as it is", async () => {
    const result = join(gradients(folder), "taken");
    mkdirSync(result, { recursive: true });
    writeFileSync(join(result, "map.npy"), "mine");
    await refused(["group", model, "taken", "--folds", "0"], 1, /taken: the result exists; .*--overwrite/);
    expect(readFileSync(join(result, "map.npy"), "utf8")).toBe("mine");
  });
});

it("--overwrite replaces the whole result, not only the files it writes", async () => {
  const result = join(gradients(folder), "again");
  mkdirSync(result, { recursive: true });
  writeFileSync(join(result, "old.txt"), "old");
  const labels = fewLabels("sub-SIM001 ses-M00");
  // A folder with anything else is somebody's, also where a job would go on.
  for (const options of [["--overwrite"], ["--resume"]]) {
    const { status, errors } = await interpret("group", "again", "--tsv_path", labels, ...options);
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(/again: (it is not an older result|the result exists)/),
    ]);
    expect(readdirSync(result)).toEqual(["old.txt"]);
  }
  writeFileSync(join(result, "commandline.json"), "{}");
  expect((await interpret("group", "again", "--tsv_path", labels, "--overwrite")).status).toBe(0);
  expect(existsSync(join(result, "old.txt"))).toBe(false);
  expect(existsSync(join(result, "map.npy"))).toBe(true);
  expect(readdirSync(gradients(folder))).toEqual(["again"]);
});

it("commandline.json has the folder of the results as an absolute path", async () => {
  const labels = fewLabels("sub-SIM001 ses-M00");
  const here = relative(process.cwd(), folder);
  const { status } = await interpret("group", "there", "--tsv_path", labels, "--output_dir", here);
  expect(status).toBe(0);
  const options = JSON.parse(readFileSync(join(gradients(folder), "there/commandline.json"), "utf8"));
  expect(options.output_dir).toBe(folder);
});

it("without a template the affine is the identity, and a warning says so", async () => {
  const labels = fewLabels("sub-SIM001 ses-M00");
  const { status, errors } = await interpret("group", "plain", "--tsv_path", labels);
  expect(status).toBe(0);
  expect(errors).toContain("warning: the position of the voxels is unknown: the maps get the identity");
  const nifti = gunzipSync(readFileSync(join(gradients(folder), "plain", "map.nii.gz")));
  const view = new DataView(nifti.buffer, nifti.byteOffset, nifti.byteLength);
  expect([280, 300, 320].map((at) => view.getFloat32(at, true))).toEqual([1, 1, 1]);
});

/** 2×3×4 voxels of float32 and 1 mm, at the origin. */
function tinyNifti(): Uint8Array {
  const bytes = new Uint8Array(352 + 4 * 24);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  [3, 2, 3, 4, 1, 1, 1, 1].forEach((length, k) => {
    view.setInt16(40 + 2 * k, length, true);
  });
  view.setInt16(70, 16, true);
  view.setInt16(72, 32, true);
  [1, 1, 1, 1].forEach((size, k) => {
    view.setFloat32(76 + 4 * k, size, true);
  });
  view.setFloat32(108, 352, true);
  view.setInt16(254, 1, true);
  [280, 300, 320].forEach((at) => {
    view.setFloat32(at, 1, true);
  });
  // An exact identity would be an unknown position.
  view.setFloat32(292, -90, true);
  bytes.set(new TextEncoder().encode("n+1\0"), 344);
  return bytes;
}
