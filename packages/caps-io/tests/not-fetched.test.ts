import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notFetched } from "@voxplain/caps-io";
import { memoryFiles } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { afterEach, beforeEach, expect, it } from "vitest";

const key = "MD5E-s5120--0123456789abcdef0123456789abcdef.nii.gz";
const target = `../../.git/annex/objects/qF/8V/${key}/${key}`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "not-fetched-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("names a link of git-annex whose content is missing, and how to get it", async () => {
  mkdirSync(join(root, "sub-01"));
  symlinkSync(target, join(root, "sub-01/T1w.nii.gz"));
  const error = await notFetched({ source: directory(root), below: "sub-01/T1w.nii.gz" });
  expect(error?.message).toBe(
    `${root}/sub-01/T1w.nii.gz: it is not fetched: git-annex has its content elsewhere; run "datalad get sub-01/T1w.nii.gz" in ${root}`,
  );
});

it("passes over a link of git-annex whose content is there, other links, files and what is missing", async () => {
  mkdirSync(join(root, ".git/annex/objects"), { recursive: true });
  writeFileSync(join(root, ".git/annex/objects/a.nii.gz"), new Uint8Array(40_000));
  symlinkSync(".git/annex/objects/a.nii.gz", join(root, "fetched.nii.gz"));
  symlinkSync("nowhere", join(root, "broken.nii.gz"));
  writeFileSync(join(root, "small.tsv"), "participant_id\tpath\nsub-01\t/data/.git/annex/objects/x\n");
  writeFileSync(join(root, "empty.tsv"), "");
  for (const below of ["fetched.nii.gz", "broken.nii.gz", "small.tsv", "empty.tsv", "missing.nii.gz"]) {
    expect(await notFetched({ source: directory(root), below }), below).toBeUndefined();
  }
});

it.each([
  ["a link as Git writes it where there are none", target, "git-annex"],
  ["a link out of a submodule", `../.git/modules/sub/annex/objects/ab/cd/${key}/${key}`, "git-annex"],
  ["an absolute link", `/data/set/.git/annex/objects/ab/cd/${key}/${key}`, "git-annex"],
  ["a link of Windows", target.replaceAll("/", "\\"), "git-annex"],
  ["a pointer file of git-annex", `/annex/objects/${key}\n`, "git-annex"],
  [
    "a pointer file of Git LFS",
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "Git LFS",
  ],
])("takes %s for what it is", async (_, text, program) => {
  const source = memoryFiles(new Map([["a.nii.gz", new TextEncoder().encode(text)]]), "data");
  const error = await notFetched({ source, below: "a.nii.gz" });
  expect(error?.problem).toBe(`it is not fetched: ${program} has its content elsewhere`);
  expect(error?.hint).toContain('run "datalad get a.nii.gz" in data');
});
