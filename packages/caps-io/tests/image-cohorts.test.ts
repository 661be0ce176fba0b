import { readImageCohorts, readImageTable } from "@voxplain/caps-io";
import { isVoxplainError, memoryFiles } from "@voxplain/core";
import { expect, it } from "vitest";

const tables = {
  "adni.tsv": "participant_id\tage\timage\n01\t70\ta.nii.gz\n02\t71\tnone.nii.gz\n",
  "aibl.csv": "participant_id;site;image;cohort\n01;X;b.nii.gz;AIBL\n",
  "mixed.tsv": "participant_id\timage\tcohort\n01\ta.nii.gz\tA\n02\tb.nii.gz\tB\n",
  "twice.tsv": "participant_id\timage\n01\ta.nii.gz\n01\tb.nii.gz\n",
};

function read(cohorts: string) {
  const files = new Map(["a.nii.gz", "b.nii.gz"].map((name) => [name, new Uint8Array(40_000)]));
  for (const [name, text] of Object.entries({ ...tables, "cohorts.tsv": cohorts })) {
    files.set(name, new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>);
  }
  const source = memoryFiles(files as Map<string, Uint8Array>, "/data");
  return readImageCohorts({ source, below: "cohorts.tsv" }, (below) => readImageTable({ source, below }));
}

it("the images of several cohorts are those of each list, whose participants are other people", async () => {
  const list = await read("Cohort\tPath\nADNI\tadni.tsv\nAIBL\taibl.csv\n");
  expect(list.columns).toEqual(["participant_id", "age", "image", "site", "cohort"]);
  expect(list.images.map(({ session: { cohort, name, row } }) => [cohort, name, row])).toEqual([
    ["ADNI", "01", { participant_id: "01", age: "70", image: "a.nii.gz", site: "", cohort: "ADNI" }],
    ["AIBL", "01", { participant_id: "01", age: "", image: "b.nii.gz", site: "X", cohort: "AIBL" }],
  ]);
  expect(list.failures.map(({ session, error }) => [session.cohort, error.message])).toEqual([
    ["ADNI", "02: /data/none.nii.gz: there is no such file"],
  ]);
  expect([list.problems, list.notes]).toEqual([[], []]);
});

it("everything that is wrong with the lists of several cohorts is a problem", async () => {
  const list = await read(
    "cohort\tpath\nA\tmixed.tsv\nB\tnone.tsv\nC\ttwice.tsv\nD\tcohorts.tsv\nE\tadni.tsv\n",
  );
  expect(list.problems.map(({ message }) => message)).toEqual([
    '/data/cohorts.tsv, line 2: the table of the cohort "A" names other cohorts itself: found B; give that table alone, or remove its column cohort',
    "/data/cohorts.tsv, line 3: /data/none.tsv: there is no such file",
    expect.stringContaining(
      '/data/cohorts.tsv, line 5: /data/cohorts.tsv: it has no column "participant_id"',
    ),
    expect.stringContaining("/data/twice.tsv: several images of one session"),
  ]);
  expect(list.images.map(({ session }) => session.cohort)).toEqual(["C", "E"]);
});

it("a file that two cohorts name is in a sentence", async () => {
  const { notes } = await read("cohort\tpath\nA\tadni.tsv\nB\tadni.tsv\n");
  expect(notes).toEqual(["one file is the image of several sessions: /data/a.nii.gz (01, 01)"]);
});

it.each([
  ["no column path", "cohort\timages\nA\tadni.tsv\n", 'it has no column "path"'],
  [
    "the images themselves",
    "cohort\tparticipant_id\timage\nA\t01\ta.nii.gz\n",
    "if it lists the images themselves, it is not one of several cohorts (--multi_cohort)",
  ],
  [
    "a cohort twice",
    "cohort\tpath\nA\tadni.tsv\nA\taibl.csv\n",
    'line 3: the cohort "A" is in line 2 already',
  ],
  ["an empty path", "cohort\tpath\nA\t\n", "line 2: the path is empty"],
  ["no cohort", "cohort\tpath\n", "it lists no cohort"],
])("a table of cohorts with %s is refused", async (_, text, message) => {
  const error = await read(text).catch((thrown: unknown) => thrown);
  expect(isVoxplainError(error)).toBe(true);
  expect(String(error)).toContain(message);
});
