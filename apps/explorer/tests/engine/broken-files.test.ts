import { readFileSync } from "node:fs";
import { type FileSource, memoryFiles } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { describe, expect, it } from "vitest";
import { foldersPath, nodeEngine, onnxPath, partsPath, sampleEngine, samplePath } from "./open-sample.ts";

const text = (content: string) => new TextEncoder().encode(content);

async function files(content: Readonly<Record<string, Uint8Array>>, name = "dropped") {
  const memory = memoryFiles(new Map(), name);
  for (const [path, bytes] of Object.entries(content)) await memory.write(path, bytes);
  return memory;
}

/** A folder of which one file has another content. */
function withFile(source: FileSource, changed: string, bytes: Uint8Array): FileSource {
  const replaced = memoryFiles(new Map([[changed, bytes]]));
  return { ...source, open: (path) => (path === changed ? replaced.open(path) : source.open(path)) };
}

const volume = readFileSync(`${onnxPath}/volume.pt`);
const nifti = readFileSync(`${onnxPath}/volume.nii.gz`);
const onnx = readFileSync(`${onnxPath}/volume.onnx`);

describe("files that cannot be used", () => {
  it.each([
    ["an empty folder", {}, /dropped is empty; open a ClinicaDL model folder/],
    ["a text file", { "notes.txt": text("hello") }, /notes\.txt cannot be opened here; open .*an ONNX file/],
    ["a pair of files", { "a.hdr": text(""), "a.img": text("") }, /a\.hdr is one of the two files of a pair/],
    ["a truncated .pt", { "scan.pt": volume.subarray(0, 300) }, /scan\.pt/],
    ["text that calls itself .nii", { "scan.nii": text("no image") }, /scan\.nii/],
    ["a truncated .nii.gz", { "scan.nii.gz": nifti.subarray(0, 200) }, /scan\.nii\.gz/],
    ["text that calls itself .onnx", { "net.onnx": text("no network") }, /net\.onnx/],
    ["a truncated .onnx", { "net.onnx": onnx.subarray(0, onnx.length / 2) }, /net\.onnx/],
    ["a model folder without folds", { "commandline.json": text("{}") }, /commandline\.json|fold/],
    ["an empty CAPS", { "subjects/readme.txt": text("") }, /no participant with a session/],
  ])("end in a sentence that names them: %s", async (_, content, message) => {
    const engine = nodeEngine();
    const opened = engine.open(await files(content));
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toMatchObject({ name: "VoxplainError" });
    expect(engine.model).toBeUndefined();
    expect(engine.images).toEqual([]);
  });

  it("do not keep the others from being opened", async () => {
    const engine = nodeEngine();
    const content = {
      "good.nii.gz": nifti,
      "bad.nii": text("no"),
      "net.onnx": onnx,
      "bad.pt": volume.subarray(9),
    };
    const { model, images, problems } = await engine.open(await files(content));
    expect(model?.name).toBe("net.onnx");
    expect(images.map(({ name }) => name)).toEqual(["good.nii.gz"]);
    expect(problems).toEqual([expect.stringContaining("bad.nii"), expect.stringContaining("bad.pt")]);
  });

  it("leave what was open as it was", async () => {
    const engine = await sampleEngine();
    const { model, images } = engine;
    await expect(engine.open(await files({ "notes.txt": text("") }))).rejects.toThrow("notes.txt");
    expect(engine.model).toEqual(model);
    expect(engine.images).toEqual(images);
  });

  it("leave the other networks of a model folder", async () => {
    const broken = "fold-0/models/best_loss/model_best.pth.tar";
    const folder = directory(`${samplePath}/models/random_small`);
    const bytes = readFileSync(`${folder.name}/${broken}`).subarray(0, 5000);
    const engine = nodeEngine();
    const { model, problems } = await engine.open(withFile(folder, broken, bytes));
    expect(model?.networks).not.toContainEqual({ fold: 0, foldName: "fold-0", selection: "best_loss" });
    expect(model?.networks).toHaveLength(3);
    expect(problems).toEqual([expect.stringContaining(broken)]);
  });

  it("say of a network that was trained on images of another size so, and leave it to be tried", async () => {
    const { model, problems } = await nodeEngine().open(directory(`${foldersPath}/old`));
    expect(model?.networks).toHaveLength(1);
    expect(problems).toContainEqual(
      expect.stringMatching(
        /trained on inputs of another size than 1×169×208×179.*; images of another size may fit$/,
      ),
    );
  });

  it("name participant and file of a damaged image of a CAPS; the next image is explained", async () => {
    const engine = nodeEngine();
    await engine.open(directory(`${samplePath}/models/random_small`));
    const name = "sub-SIM001_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w.pt";
    const path = `subjects/sub-SIM001/ses-M00/deeplearning_prepare_data/image_based/t1_linear/${name}`;
    const caps = directory(`${samplePath}/caps`);
    const bytes = readFileSync(`${caps.name}/${path}`).subarray(0, 10_000);
    await engine.open(withFile(caps, path, bytes));
    const [first, second] = engine.images;
    await expect(engine.predict(first!, {})).rejects.toThrow(
      /sub-SIM001 ses-M00: .*truncated|sub-SIM001 ses-M00/,
    );
    expect((await engine.predict(second!, {})).probabilities).toHaveLength(2);
    await engine.release();
  });
});

describe("files that do not belong together", () => {
  it("a model and a CAPS of another preprocessing", async () => {
    const engine = nodeEngine();
    await engine.open(directory(`${partsPath}/models/patch`));
    const { images, problems } = await engine.open(directory(`${samplePath}/caps`));
    expect(images).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/trained on t1-linear images, but .*caps holds t1-linear-downsampled images/),
    ]);
  });

  it("an ONNX file and a CAPS of images of another shape", async () => {
    const engine = nodeEngine();
    await engine.open(await files({ "net.onnx": onnx }));
    const { images, problems } = await engine.open(directory(`${samplePath}/caps`));
    const message = /another shape .* expected \[1, 8, 9, 7\], found \[1, 85, 104, 90\]; .*resize=8,9,7/;
    expect(problems).toEqual([expect.stringMatching(message)]);
    // Another preprocessing can make them fit.
    const resized = { preprocess: ["resize=8,9,7", "z-score"] };
    expect((await engine.predict(images[0]!, resized)).probabilities).toHaveLength(3);
    await engine.release();
  });

  it("label lists of other sessions", async () => {
    const engine = await sampleEngine();
    const list = text("participant_id\tsession_id\tdiagnosis\nsub-X\tses-M00\tAD\n");
    const { problems } = await engine.open(await files({ "more.tsv": list }));
    expect(problems).toEqual([
      expect.stringMatching(/1 session of the label lists is not in .*sub-X ses-M00/),
    ]);
  });

  it("folders of more files than anyone would mean", async () => {
    const source: FileSource = {
      name: "home",
      list: async (path) =>
        Array.from({ length: 200 }, (_, k) => ({ name: `${path.length}-${k}`, kind: "directory" as const })),
      open: async () => undefined,
    };
    await expect(nodeEngine().open(source)).rejects.toThrow(/home holds more than 20000 files/);
  });
});
