import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openImages } from "@voxplain/study";
import { imagesAt } from "@voxplain/study/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "image-cohorts-"));
  mkdirSync(join(root, "bids/sub-01/anat"), { recursive: true });
  write("bids/dataset_description.json", "{}");
  write("bids/participants.tsv", "participant_id\tgroup\nsub-01\tpatient\n");
  write("bids/sub-01/anat/sub-01_T1w.nii.gz", "image");
  mkdirSync(join(root, "table"));
  write("table/images.csv", "participant_id,group,image\nsub-01,control,../other/a.nii.gz\n");
  mkdirSync(join(root, "other"));
  write("other/a.nii.gz", "image");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string) => writeFileSync(join(root, path), text);
const open = (path: string, options = {}) =>
  openImages(imagesAt(join(root, path)), { severalCohorts: true, label: "group", ...options });

describe("a table of several cohorts", () => {
  it("mixes tables and BIDS folders, relative to it, whose participants are different people", async () => {
    write("cohorts.tsv", "cohort\tpath\nA\ttable\\images.csv\nB\tbids\n");
    const { images, problems, columns } = await open("cohorts.tsv", { bidsFilter: ["suffix=T1w"] });
    expect(problems).toEqual([]);
    expect(columns.at(-1)).toBe("cohort");
    expect(
      images.map(({ session, place }) => [
        session.cohort,
        session.name,
        session.diagnosis,
        place.source.name,
      ]),
    ).toEqual([
      ["A", "sub-01", "control", join(root, "other")],
      ["B", "sub-01", "patient", join(root, "bids")],
    ]);
  });

  it("names lists that are not there, and those without the column of the labels, with their lines", async () => {
    write("cohorts.tsv", "cohort\tpath\nA\tnone.csv\nB\ttable/images.csv\n");
    const { problems } = await open("cohorts.tsv", { label: "sex" });
    expect(problems.map(({ message }) => message)).toEqual([
      `${root}/cohorts.tsv, line 2: there is no table and no folder at ${root}/none.csv`,
      `${root}/cohorts.tsv, line 3: ${root}/table/images.csv: it has no column "sex" (--label): found "participant_id", "group", "image"`,
    ]);
  });

  it("names no image in the place of a list of images", async () => {
    write("cohorts.tsv", "cohort\tpath\nA\tother/a.nii.gz\n");
    const { problems } = await open("cohorts.tsv");
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining(
        "it is an image, and not a table of images or a BIDS folder; list images in a table",
      ),
    ]);
  });

  it("is no folder, and takes filters only where one of its cohorts is a BIDS folder", async () => {
    await expect(open("bids")).rejects.toThrow("it is a folder, and not a table of several cohorts");
    write("cohorts.tsv", "cohort\tpath\nA\ttable/images.csv\n");
    await expect(open("cohorts.tsv", { bidsFilter: ["suffix=T1w"] })).rejects.toThrow(
      "filters need a BIDS folder, and every cohort is a table",
    );
  });
});
