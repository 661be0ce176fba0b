// The same scans as a CAPS, as a BIDS dataset and as a derivative of it, through the command line.
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../packages/cli/tests/run-voxplain.ts";
import { makeWorld } from "./docs-world.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-bids-"));
  await makeWorld(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function interpret(name: string, ...words: readonly string[]) {
  const data = words.map((word) => (/^(caps|labels|bids)/.test(word) ? join(folder, word) : word));
  const model = join(folder, "my_model");
  return voxplain(
    "interpret",
    "individual",
    model,
    name,
    "--use_cpu",
    "--threads",
    "1",
    "--pictures",
    "none",
    "--output_dir",
    join(folder, name),
    ...data,
  );
}

/** The bytes of every map of a result, by session. */
function maps(name: string) {
  const result = join(folder, name, "fold-0/gradients/best_balanced_accuracy", name);
  const sessions = readdirSync(result).filter((entry) => entry.startsWith("sub-"));
  return sessions.flatMap((sub) =>
    ["map.npy", "map.nii.gz"].map((file) => {
      const bytes = readFileSync(join(result, sub, "ses-M00", file));
      return [`${sub}/${file}`, bytes.toString("base64")] as const;
    }),
  );
}

const inTemplate = ["suffix=T1w", "space=MNI152NLin2009cAsym", "desc=preproc"];

describe("a BIDS dataset in the command", () => {
  it("gives the maps of the same scans in a CAPS, and so does a derivative with the dataset's tables", async () => {
    expect((await interpret("truth", "--caps_dir", "caps", "--tsv_path", "labels")).status).toBe(0);
    expect((await interpret("raw", "--images", "bids", "--bids_filter", "suffix=T1w")).status).toBe(0);
    const derivative = ["--images", "bids/derivatives/fmriprep", "--bids_filter", ...inTemplate];
    const { status, errors } = await interpret("derived", ...derivative);
    expect([status, errors]).toEqual([0, expect.stringContaining("has no participants.tsv: the tables of")]);
    const truth = maps("truth");
    expect(truth.map(([file]) => file)).toEqual(
      ["sub-AD1", "sub-AD2"].flatMap((sub) => [`${sub}/map.npy`, `${sub}/map.nii.gz`]),
    );
    expect(maps("raw")).toEqual(truth);
    expect(maps("derived")).toEqual(truth);
  });

  it("is refused where a filter leaves several images, with what to type", async () => {
    const { status, errors } = await interpret("several", "--images", "bids/derivatives/fmriprep");
    expect(status).toBe(1);
    expect(errors).toContain("several images match in each of 4 sessions");
    expect(errors).toContain("such as space=MNI152NLin2009cAsym (--bids_filter)");
  });

  it("ends with the status of wrong usage where a key is unknown", async () => {
    const { status, errors } = await interpret("unknown", "--images", "bids", "--bids_filter", "sufix=T1w");
    expect([status, errors]).toEqual([
      2,
      expect.stringContaining("unknown key of a filter of BIDS files: sufix"),
    ]);
  });

  it("is not explained where an image is not fetched, but for the others where that is skipped", async () => {
    const path = join(folder, "bids/sub-AD2/ses-M00/anat/sub-AD2_ses-M00_T1w.nii.gz");
    const content = readFileSync(path);
    unlinkSync(path);
    symlinkSync("../../../.git/annex/objects/aa/bb/MD5E-s1--0.nii.gz/MD5E-s1--0.nii.gz", path);
    const refused = await interpret("refused", "--images", "bids", "--on_error", "stop");
    expect([refused.status, refused.errors]).toEqual([
      1,
      expect.stringMatching(/sub-AD2 ses-M00: .*not fetched.*datalad get/),
    ]);
    expect((await interpret("skipped", "--images", "bids")).status).toBe(3);
    expect(maps("skipped").map(([file]) => file)).toEqual(["sub-AD1/map.npy", "sub-AD1/map.nii.gz"]);
    unlinkSync(path);
    writeFileSync(path, content);
  });
});
