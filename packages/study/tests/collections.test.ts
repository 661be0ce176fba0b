import type { FileSink, FileSource } from "@voxplain/core";
import { memoryFiles } from "@voxplain/core";
import {
  collectImages,
  folderIn,
  listSessions,
  openCohort,
  openModel,
  plan,
  readLabelLists,
  recognizeFiles,
} from "@voxplain/study";
import { expect, it } from "vitest";
import { niftiPath, toyCaps, toyLabels, toyModel } from "./toy-study.ts";

async function copy(from: FileSource, path: string, to: FileSink, under: string) {
  const reader = await from.open(path);
  if (reader === undefined) throw new RangeError(`${path} is not there`);
  await to.write(`${under}${path}`, await reader.read(0, reader.byteLength));
}

it("recognizes the model, the CAPS, the label lists and the images of a folder, and what is none of them", async () => {
  const files = memoryFiles();
  await copy(await toyModel(), "commandline.json", files, "a/model/");
  await copy(await toyCaps([{}]), niftiPath(1), files, "caps/");
  await copy(await toyLabels({ AD: [1] }), "AD.tsv", files, "labels/");
  for (const path of ["net.onnx", "single.nii.gz", "atlas/regions.nii.gz", "notes.md", ".hidden.npy"])
    await files.write(path, new Uint8Array());
  expect(await recognizeFiles(files)).toEqual({
    ...{ modelFolders: ["a/model"], onnxFiles: ["net.onnx"], capsFolders: ["caps"] },
    ...{ labelLists: ["labels/AD.tsv"], images: ["single.nii.gz"], others: ["notes.md"], problems: [] },
    ...{ bidsFolders: [], imageTables: [] },
  });
  expect(await listSessions(folderIn(files, "caps"))).toMatchObject([{ name: "sub-01 ses-M00" }]);
});

/** Files with these contents; without one, empty. */
async function filesOf(contents: Readonly<Record<string, string>>): Promise<FileSource> {
  const files = memoryFiles();
  for (const [path, text] of Object.entries(contents))
    await files.write(path, new TextEncoder().encode(text));
  return files;
}

it("recognizes MAPS folders by their maps.json, and does not take the groups inside for models", async () => {
  const found = await recognizeFiles(
    await filesOf({
      "study/maps/maps.json": "{}",
      "study/maps/groups/train/split-0/maps.json": "{}",
      "study/maps/groups/train/split-0/data.tsv": "participant_id\tsession_id\n",
    }),
  );
  expect(found).toMatchObject({ modelFolders: ["study/maps"], labelLists: [], problems: [] });
});

it("recognizes BIDS folders by their description or their participants, and leaves their images to them", async () => {
  const scan = (participant: string) => `${participant}/anat/${participant}_T1w.nii.gz`;
  const found = await recognizeFiles(
    await filesOf({
      "raw/dataset_description.json": "{}",
      "raw/participants.tsv": "participant_id\n",
      [`raw/${scan("sub-01")}`]: "",
      [`raw/derivatives/masks/${scan("sub-01")}`]: "",
      "old/participants.tsv": "participant_id\n",
      [`old/${scan("sub-02")}`]: "",
      "caps/dataset_description.json": "{}",
      "caps/subjects/sub-03/ses-M00/t1_linear/sub-03_ses-M00_T1w.nii.gz": "",
    }),
  );
  expect(found).toMatchObject({
    bidsFolders: ["old", "raw"],
    capsFolders: ["caps"],
    images: [],
    labelLists: [],
  });
});

it("recognizes tables of images by their columns, in any case and encoding, and leaves the images to them", async () => {
  const files = memoryFiles();
  const write = (path: string, text: string) => files.write(path, new TextEncoder().encode(text));
  await write("scans.csv", "\uFEFFparticipant_id;age;path\nsub-01;70;images/a.nii\n");
  await write("scans.tsv", "Participant_ID\tImage\nsub-01\timages/a.nii\n");
  await write("ages.tsv", "participant_id\tage\nsub-01\t70\n");
  await write("images/a.nii", "");
  expect(await recognizeFiles(files)).toMatchObject({
    ...{ imageTables: ["scans.csv", "scans.tsv"], labelLists: ["ages.tsv"], images: [] },
  });
});

it("collects the sessions that label lists name from several CAPS, with their classes, and reports the others", async () => {
  const model = await openModel(await toyModel());
  const caps = await Promise.all(
    [await toyCaps([{}]), await toyCaps([undefined, {}, {}])].map(async (files) => {
      return { files, sessions: await listSessions(files) };
    }),
  );
  const lists = await readLabelLists(await toyLabels({ CN: [2, 7], AD: [1] }), ["CN.tsv", "AD.tsv"]);
  const { images, absent, problems } = await collectImages(
    { caps, listed: lists.sessions, files: [] },
    model,
  );
  expect(images.map(({ session }) => [session.name, session.diagnosis])).toEqual([
    ["sub-02 ses-M00", "CN"],
    ["sub-01 ses-M00", "AD"],
  ]);
  expect(problems).toEqual(["1 session of the label lists is not in caps and caps: sub-07 ses-M00"]);
  expect(absent.map(({ error }) => error.message)).toEqual([
    "sub-07 ses-M00: it is in a label list, and has no folder in caps and caps",
  ]);
  const cohort = await openCohort({ collected: images, references: [] });
  const [task] = (await plan(model, cohort, { result: "predictions" })).tasks;
  expect(task?.images.map(({ session }) => task.trueLabels.get(session))).toEqual([0, 1]);
});

it("refuses to compare the only image of a collection with others", async () => {
  const model = await openModel(await toyModel());
  const files = await toyCaps([{}]);
  const caps = [{ files, sessions: await listSessions(files) }];
  const { images } = await collectImages({ caps, listed: [], files: [] }, model);
  const cohort = await openCohort({ collected: images, references: [] });
  const options = { references: "other images" };
  await expect(plan(model, cohort, { method: "expected-gradients", options })).rejects.toThrow(
    "the method compares an image with the others, and there are none; open at least one more",
  );
});

it("gives an ONNX network the images of a CAPS under whatever name they have", async () => {
  const [older, caps] = [await toyCaps([{}]), memoryFiles(undefined, "caps")];
  const reader = await older.open(niftiPath(1));
  const path = niftiPath(1).replace("_T1w_space-", "_run-01_space-");
  if (reader !== undefined) await caps.write(path, await reader.read(0, reader.byteLength));
  const below = "fold-0/models/best_balanced_accuracy/model_best.onnx";
  const model = await openModel({ source: await toyModel(), below });
  const collection = { files: [], listed: [], caps: [{ files: caps, sessions: await listSessions(caps) }] };
  const { images, problems } = await collectImages(collection, model);
  expect(problems).toEqual([]);
  const located = await images[0]?.locate(model);
  expect(await located?.grid()).toMatchObject({ shape: [4, 4, 2], affine: expect.anything() });
});
