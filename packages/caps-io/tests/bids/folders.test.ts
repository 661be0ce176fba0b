import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isCaps, readBidsFolder } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chosen, dataset, errorOf, filtered } from "./dataset.ts";

const t1Linear = { images: { preprocessing: "t1-linear" } } as const;
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bids-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes files of 40 kB, longer than a pointer of git-annex, and texts. */
function write(files: Readonly<Record<string, string | undefined>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text ?? new Uint8Array(40_000));
  }
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

const read = () => readBidsFolder(directory(root), t1Linear);

describe("what is searched", () => {
  it("are the folders of participants, and not what is beside them or hidden", async () => {
    write({
      "sub-01/anat/sub-01_T1w.nii.gz": undefined,
      "sub-01/anat/._sub-01_T1w.nii.gz": "AppleDouble",
      "sub-01/.backup/sub-01_T1w.nii.gz": undefined,
      ".git/sub-01/anat/sub-01_T1w.nii.gz": undefined,
      "derivatives/x/sub-01/anat/sub-01_T1w.nii.gz": undefined,
      "sourcedata/sub-01/anat/sub-01_T1w.nii.gz": undefined,
      "code/sub-01_T1w.nii.gz": undefined,
      "phenotype/sub-01_T1w.nii.gz": undefined,
    });
    expect(chosen(await read())).toEqual({ "sub-01": "sub-01/anat/sub-01_T1w.nii.gz" });
  });

  it("are participants with sessions and without", async () => {
    write({
      "sub-01/anat/sub-01_T1w.nii.gz": undefined,
      "sub-02/ses-b/anat/sub-02_ses-b_T1w.nii.gz": undefined,
      "sub-02/ses-a/anat/sub-02_ses-a_T1w.nii.gz": undefined,
    });
    const { images } = await read();
    expect(images.map(({ session }) => [session.name, session.sessionId])).toEqual([
      ["sub-01", ""],
      ["sub-02 ses-a", "ses-a"],
      ["sub-02 ses-b", "ses-b"],
    ]);
  });

  it("comes to an end where links lead back", async () => {
    write({ "sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz": undefined });
    link("sub-01/ses-1/anat/loop", "../../..");
    link("sub-01/loop", "..");
    link("sub-01/ses-2", "ses-1");
    link("sub-02", "sub-01");
    const list = await read();
    expect(chosen(list)).toEqual({ "sub-01 ses-1": "sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz" });
    expect(list.problems).toEqual([]);
    expect(list.notes[0]).toMatch(
      /^images left out that are named for another participant or session than their folder/,
    );
  });
});

describe("an image", () => {
  it("that is named for another participant or session than its folder is left out and named", async () => {
    write({
      "sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz": undefined,
      "sub-01/ses-1/anat/sub-02_ses-1_T1w.nii.gz": undefined,
      "sub-01/ses-2/anat/sub-01_ses-1_T1w.nii.gz": undefined,
    });
    const list = await read();
    expect(Object.keys(chosen(list))).toEqual(["sub-01 ses-1"]);
    expect(list.notes).toEqual([
      "images left out that are named for another participant or session than their folder (2): " +
        "sub-01/ses-1/anat/sub-02_ses-1_T1w.nii.gz, sub-01/ses-2/anat/sub-01_ses-1_T1w.nii.gz",
    ]);
  });

  it("that is not named as BIDS has it is left out and named", async () => {
    write({
      "sub-01/anat/sub-01_T1w.nii.gz": undefined,
      "sub-01/anat/T1.nii": undefined,
      "sub-01/anat/sub-01_acq-_T1w.nii": undefined,
      "sub-01/anat/sub-01_run-1_run-2_T1w.nii": undefined,
    });
    expect((await read()).notes).toEqual([
      "images left out that are not named as BIDS has it (3): " +
        "sub-01/anat/T1.nii, sub-01/anat/sub-01_acq-_T1w.nii, sub-01/anat/sub-01_run-1_run-2_T1w.nii",
    ]);
  });

  it("that .bidsignore lists is left out and counted", async () => {
    write({
      ".bidsignore": "# not usable\r\nsub-02/\r\n*_rec-bad_*\r\n!sub-02/anat/sub-02_T1w.nii.gz\r\n",
      "sub-01/anat/sub-01_T1w.nii.gz": undefined,
      "sub-01/anat/sub-01_rec-bad_T1w.nii.gz": undefined,
      "sub-01/anat/sub-01_rec-bad_T2w.nii.gz": undefined,
      "sub-02/anat/sub-02_T1w.nii.gz": undefined,
    });
    const list = await read();
    expect(Object.keys(chosen(list))).toEqual(["sub-01"]);
    expect(list.notes).toEqual([
      "images left out by .bidsignore (2): sub-01/anat/sub-01_rec-bad_T1w.nii.gz, sub-02/anat/sub-02_T1w.nii.gz",
      "participants without an image of suffix=T1w (1): sub-02",
    ]);
  });

  it("whose content git-annex or Git LFS has elsewhere is not fetched, and not missing", async () => {
    const key = "MD5E-s5120--0123456789abcdef0123456789abcdef.nii.gz";
    write({
      "sub-03/anat/sub-03_T1w.nii.gz": `/annex/objects/${key}\n`,
      "sub-04/anat/sub-04_T1w.nii.gz":
        "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 5120\n",
      "sub-05/anat/sub-05_T1w.nii.gz": `../../.git/annex/objects/qF/8V/${key}/${key}`,
      "store/a.nii.gz": undefined,
    });
    link("sub-01/anat/sub-01_T1w.nii.gz", "../../store/a.nii.gz");
    link("sub-02/anat/sub-02_T1w.nii.gz", `../../.git/annex/objects/qF/8V/${key}/${key}`);
    link("sub-06/anat/sub-06_T1w.nii.gz", "../../store/gone.nii.gz");
    const { images, failures, notes } = await read();
    expect(images.map(({ session }) => session.name)).toEqual(["sub-01"]);
    expect(failures.map(({ session, error }) => [session.name, error.problem])).toEqual([
      ["sub-02", "it is not fetched: git-annex has its content elsewhere"],
      ["sub-03", "it is not fetched: git-annex has its content elsewhere"],
      ["sub-04", "it is not fetched: Git LFS has its content elsewhere"],
      ["sub-05", "it is not fetched: git-annex has its content elsewhere"],
      ["sub-06", "the file that it links to is missing"],
    ]);
    expect(failures[0]?.error.message).toBe(
      `sub-02: ${root}/sub-02/anat/sub-02_T1w.nii.gz: it is not fetched: git-annex has its content elsewhere; ` +
        `run "datalad get sub-02/anat/sub-02_T1w.nii.gz" in ${root}`,
    );
    expect(notes).toEqual([]);
  });

  it("with a name that would disturb a terminal is left out and named with escapes", async () => {
    write({
      "sub-01/anat/sub-01_T1w.nii.gz": undefined,
      "sub-01/anat/sub-01_acq-a\n\u001b[2J_T1w.nii.gz": undefined,
      "sub-01/anat/sub-01_acq-a\\b_T1w.nii.gz": undefined,
      "sub-0\n2/anat/sub-02_T1w.nii.gz": undefined,
    });
    const list = await read();
    expect(Object.keys(chosen(list))).toEqual(["sub-01"]);
    expect(list.notes).toEqual([
      'images left out that are not named as BIDS has it (2): "sub-01/anat/sub-01_acq-a\\n\\u001b[2J_T1w.nii.gz", ' +
        "sub-01/anat/sub-01_acq-a\\b_T1w.nii.gz",
      'folders left out whose names have control characters or "\\" (1): "sub-0\\n2"',
    ]);
  });
});

describe("a folder that is not a dataset", () => {
  it.each([
    ["a CAPS", ["subjects/sub-01/ses-M00/t1_linear/x.nii.gz"], /is a CAPS.*\(--caps_dir\)$/],
    [
      "one that has datasets",
      ["a/sub-01/x", "derivatives/b/sub-01/x"],
      /found datasets in a, derivatives\/b; give the folder of one of them$/,
    ],
    ["one with images alone", ["one.nii.gz"], /list the images in a table/],
    [
      "that of one participant",
      ["ses-M00/anat/sub-01_ses-M00_T1w.nii.gz"],
      /give the folder of the whole dataset/,
    ],
    ["one with nothing of use", ["notes.txt"], /dataset_description.json/],
    [
      "a dataset without participants",
      ["dataset_description.json", "tpl-MNI/x.nii"],
      /the dataset has no participants: no folder in it begins with sub-$/,
    ],
  ])("gets a sentence: %s", async (_, paths, sentence) => {
    expect((await errorOf(dataset(paths), t1Linear)).message).toMatch(sentence);
  });

  it("is recognized as a CAPS by its folder of subjects", async () => {
    const entries = async (...paths: readonly string[]) => (await dataset(paths).list("")) ?? [];
    expect(isCaps(await entries("subjects/sub-01/x"))).toBe(true);
    expect(isCaps(await entries("sub-01/anat/x", "subjects/x"))).toBe(false);
    expect(isCaps(await entries("sub-01/anat/x"))).toBe(false);
  });

  it("that is not there is said", async () => {
    const error = await errorOf(directory(join(root, "nowhere")), {});
    expect([error.code, error.message]).toEqual(["not-found", `${root}/nowhere: there is no such folder`]);
  });

  it("has images, but none that .bidsignore leaves", async () => {
    const source = dataset(["sub-01/anat/sub-01_T1w.nii.gz"], { ".bidsignore": "sub-*/\n" });
    expect((await errorOf(source, t1Linear)).message).toBe(
      "/data/study: there is no image with suffix=T1w: " +
        "found images left out by .bidsignore (1): sub-01/anat/sub-01_T1w.nii.gz",
    );
  });

  it("has participants, but no image", async () => {
    const source = dataset(["sub-01/eeg/sub-01_task-rest_eeg.edf"]);
    expect((await errorOf(source, t1Linear)).message).toBe(
      "/data/study: there is no image with suffix=T1w: found no NIfTI file",
    );
  });
});

describe("folders that the system does not let read", () => {
  const refuse = (source: FileSource, folder: string): FileSource => ({
    ...source,
    async list(path) {
      if (path !== folder) return source.list(path);
      throw new VoxplainError("io-failure", `cannot read ${source.name}/${path}: permission denied`);
    },
  });
  const paths = ["01", "02", "03"].map((id) => `sub-${id}/ses-M00/anat/sub-${id}_ses-M00_T1w.nii.gz`);
  const tables = { "participants.tsv": "participant_id\tdiagnosis\nsub-01\tAD\nsub-02\tAD\nsub-03\tCN\n" };

  it.each([
    ["a participant", "sub-02", "sub-02"],
    ["a session", "sub-02/ses-M00", "sub-02 ses-M00"],
    ["its images", "sub-02/ses-M00/anat", "sub-02 ses-M00"],
  ])("are faults of whom they belong to: %s", async (_, folder, name) => {
    const list = await filtered(refuse(dataset(paths, tables), folder), "suffix=T1w");
    expect(Object.keys(chosen(list))).toEqual(["sub-01 ses-M00", "sub-03 ses-M00"]);
    expect(
      list.failures.map(({ session, error }) => [session.name, session.diagnosis, error.message]),
    ).toEqual([[name, "AD", `${name}: cannot read /data/study/${folder}: permission denied`]]);
    expect(list.notes.join()).not.toContain("sub-02");
  });

  it("are named among the notes where nothing says their label, and left alone where filters leave them out", async () => {
    const unlabelled = await filtered(refuse(dataset(paths), "sub-02"));
    expect(unlabelled.notes).toContain("folders that cannot be read (1): sub-02");
    for (const filter of ["sub=01", "ses=M12"]) {
      const other = dataset([...paths, "sub-01/ses-M12/anat/sub-01_ses-M12_T1w.nii.gz"]);
      expect((await filtered(refuse(other, "sub-02/ses-M00"), filter)).failures).toEqual([]);
    }
  });
});
