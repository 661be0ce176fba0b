import { type Affine, type FileSource, memoryFiles } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { collectImages, openModel } from "@voxplain/study";
import { encodeNiftiGz } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { shape, toyMaps, toyModel, valuesOf } from "./toy-study.ts";

/** RAS, 1 mm, as the pipeline of the toy model makes it. */
const affine: Affine = [
  [1, 0, 0, -90],
  [0, 1, 0, -126],
  [0, 0, 1, -72],
  [0, 0, 0, 1],
];

type Contents = Readonly<Record<string, string | Uint8Array>>;

async function filesOf(contents: Contents, name = "dropped"): Promise<FileSource> {
  const files = memoryFiles(undefined, name);
  for (const [path, content] of Object.entries(contents)) {
    await files.write(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }
  return files;
}

const scan = (participant: number, own: readonly [number, number, number] = shape, position = affine) => {
  const size = own[0] * own[1] * own[2];
  const data = Float32Array.from({ length: size }, (_, k) => valuesOf(participant)[k % 32]!);
  return encodeNiftiGz({ data, shape: own, affine: position }, gzipInPool);
};
const table = (...rows: readonly string[]) =>
  ["participant_id\timage\tdiagnosis\tsex", ...rows, ""].join("\n");
const empty = { caps: [], listed: [], files: [] };

/** What a model sees of a table and the files that were given with it, or apart from it. */
async function collect(contents: Contents, apart: Contents = {}, model = toyModel()) {
  const source = await filesOf(contents);
  const others = await filesOf(apart, "apart");
  const files = Object.keys(apart).map((below) => ({ source: others, below }));
  const lists = [{ source, below: "scans.tsv" }];
  const collected = await collectImages({ ...empty, lists, files }, await openModel(await model));
  return {
    ...collected,
    names: collected.images.map(({ session }) => session.name),
    reasons: collected.absent.map(({ error }) => error.message),
  };
}

describe("a table of images", () => {
  it("has its images, their labels and the columns that labels can be in", async () => {
    const rows = ["sub-01\timages/a.nii.gz\tAD\tF", "sub-02\timages/b.nii.gz\tCN\tM"];
    const { images, labelColumns, problems } = await collect({
      ...{ "scans.tsv": table(...rows), "images/a.nii.gz": await scan(1), "images/b.nii.gz": await scan(2) },
    });
    expect(images.map(({ session }) => [session.name, session.diagnosis, session.row.sex])).toEqual([
      ["sub-01", "AD", "F"],
      ["sub-02", "CN", "M"],
    ]);
    expect(labelColumns).toEqual(["diagnosis", "sex"]);
    expect(problems).toEqual([]);
  });

  it("has participants of several cohorts apart, also where they have one ID", async () => {
    const rows = ["A\tsub-01\ta.nii.gz", "B\tsub-01\tb.nii.gz", "C\tsub-01\tnone.nii.gz"];
    const { images, absent } = await collect({
      "scans.tsv": ["cohort\tparticipant_id\timage", ...rows, ""].join("\n"),
      ...{ "a.nii.gz": await scan(1), "b.nii.gz": await scan(2) },
    });
    expect(images.map(({ session }) => session.cohort)).toEqual(["A", "B"]);
    expect(absent.map(({ session }) => session.cohort)).toEqual(["C"]);
  });

  it("names each session without an image that can be used, and why", async () => {
    const rows = ["sub-01\ta.nii.gz\tAD\tF", "sub-02\tnone.nii.gz\tCN\tM", "sub-03\tbroken.nii\tCN\tM"];
    const { names, reasons } = await collect({
      ...{ "scans.tsv": table(...rows), "a.nii.gz": await scan(1), "broken.nii": "no image" },
    });
    expect(names).toEqual(["sub-01"]);
    expect(reasons).toEqual([
      "sub-02: dropped/none.nii.gz: there is no such file",
      expect.stringMatching(/^sub-03: dropped\/broken\.nii: it is not a NIfTI image/),
    ]);
  });

  it("has no image on another grid than those of the training", async () => {
    const rows = ["sub-01\ta.nii.gz\tAD\tF", "sub-02\tb.nii.gz\tCN\tM"];
    const { names, reasons } = await collect({
      ...{ "scans.tsv": table(...rows), "a.nii.gz": await scan(1), "b.nii.gz": await scan(2, [4, 4, 3]) },
    });
    expect(names).toEqual(["sub-01"]);
    expect(reasons).toEqual([
      expect.stringMatching(
        /^sub-02: dropped\/b\.nii\.gz: .* another grid .*: expected 4×4×2 .*, found 4×4×3 .*clinica run t1-linear/,
      ),
    ]);
  });

  it("says what headers do not show, such as the voxel size of the training of a MAPS", async () => {
    const coarse: Affine = [
      [4, 0, 0, -90],
      [0, 4, 0, -126],
      [0, 0, 4, -72],
      [0, 0, 0, 1],
    ];
    const contents = {
      "scans.tsv": table("sub-01\ta.nii.gz\tAD\tF"),
      "a.nii.gz": await scan(1, shape, coarse),
    };
    const { names, problems } = await collect(contents, {}, toyMaps());
    expect(names).toEqual(["sub-01"]);
    expect(problems).toEqual([
      expect.stringContaining("the images have voxels of 4 mm, and t1-linear makes"),
    ]);
  });

  it("gives no image where it is itself wrong, and says everything that is wrong at once", async () => {
    const rows = ["sub-01\ta.nii.gz\tAD\tF", "sub-01\tb.nii.gz\tAD\tF", "sub-02\tnone.nii.gz\tCN\tM"];
    const { names, problems } = await collect({
      ...{ "scans.tsv": table(...rows), "a.nii.gz": await scan(1), "b.nii.gz": await scan(2) },
    });
    expect(names).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/several images of one session: found sub-01 .*a\.nii\.gz and b\.nii\.gz/),
      "sub-02: dropped/none.nii.gz: there is no such file",
    ]);
  });

  it("finds files by absolute paths and by paths of Windows, in the folder that was given with it", async () => {
    const rows = ["sub-01\t/data/study/images/a.nii.gz\tAD\tF", "sub-02\tD:\\study\\images\\b.nii.gz\tCN\tM"];
    const { images } = await collect({
      ...{ "scans.tsv": table(...rows), "images/a.nii.gz": await scan(1), "images/b.nii.gz": await scan(2) },
    });
    const read = await Promise.all(
      images.map(async ({ locate }) =>
        (await locate(await openModel(await toyModel()))).read({ normalize: false }),
      ),
    );
    expect(read.map(({ files }) => files)).toEqual([["images/a.nii.gz"], ["images/b.nii.gz"]]);
  });

  it("finds files that were given apart from it, which are no single images then", async () => {
    const rows = ["sub-01\timages/a.nii.gz\tAD\tF"];
    const apart = { "a.nii.gz": await scan(1), "other.nii.gz": await scan(2) };
    const { names, images } = await collect({ "scans.tsv": table(...rows) }, apart);
    expect(names).toEqual(["sub-01", "other.nii.gz"]);
    expect(images.map(({ file }) => file?.below)).toEqual([undefined, "other.nii.gz"]);
  });

  it("gives no session a file that the paths of two sessions end in", async () => {
    const rows = ["sub-01\t/data/sub-01/T1.nii.gz\tAD\tF", "sub-02\t/data/sub-02/T1.nii.gz\tCN\tM"];
    const { names, reasons } = await collect({ "scans.tsv": table(...rows), "T1.nii.gz": await scan(2) });
    expect(names).toEqual([]);
    const sentence =
      /T1\.nii\.gz: several paths of the table end in this file, .*open the folder that the table/;
    expect(reasons).toEqual([expect.stringMatching(sentence), expect.stringMatching(sentence)]);
  });

  it("lists its sessions before a model is open", async () => {
    const source = await filesOf({
      "scans.tsv": table("sub-01\ta.nii.gz\tAD\tF"),
      "a.nii.gz": await scan(1),
    });
    const { images } = await collectImages({ ...empty, lists: [{ source, below: "scans.tsv" }] }, undefined);
    expect(images.map(({ session }) => session.name)).toEqual(["sub-01"]);
  });
});

describe("a BIDS folder", () => {
  const image = (entities: string) => `sub-01/anat/sub-01_${entities}T1w.nii.gz`;
  const folder = async () =>
    filesOf({
      "dataset_description.json": '{ "Name": "toy", "BIDSVersion": "1.8.0" }',
      "participants.tsv": "participant_id\tdiagnosis\nsub-01\tAD\nsub-02\tCN\n",
      [image("space-T1w_")]: await scan(1),
      [image("space-MNI_")]: await scan(2),
    });
  const collect = async (bidsFilter?: readonly string[]) => {
    const lists = [{ source: await folder(), below: "" }];
    return collectImages({ ...empty, lists, bidsFilter }, await openModel(await toyModel()));
  };

  it("gives the images that filters choose, with the labels of its tables", async () => {
    const { images, problems } = await collect(["suffix=T1w", "space=MNI"]);
    expect(images.map(({ session }) => [session.name, session.diagnosis])).toEqual([["sub-01", "AD"]]);
    expect(problems).toEqual([expect.stringMatching(/^participants without an image .*: sub-02$/)]);
  });

  it("gives none where several images of a session match, and says what they differ in", async () => {
    const { images, problems } = await collect(["suffix=T1w"]);
    expect(images).toEqual([]);
    expect(problems.join("\n")).toMatch(/several images match.*differ in space.*space=MNI/);
  });

  it("gives none for what is no filter", async () => {
    const { images, problems } = await collect(["T1w"]);
    expect(images).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/malformed filter .*expected key=value/)]);
  });
});
