import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FileSource } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { describe, expect, it } from "vitest";
import { describeFolder, openModelFolder, surveyFolder } from "../src/index.ts";
import { type Content, commandline, memoryModelFolder } from "./memory-model-folder.ts";

const folders = fileURLToPath(new URL("fixtures/folders/", import.meta.url));
const checkpoint = readFileSync(`${folders}modern/fold-0/models/best_loss/model_best.pth.tar`);
const settingsOfIt = JSON.parse(readFileSync(`${folders}modern/commandline.json`, "utf8"));
/** Patches of 9 × 11 × 10 do not exist; a cube of 10 leaves as many features. */
const ofPatches = {
  ...settingsOfIt,
  ...{ mode: "patch", patch_size: 10, stride_size: 10, network_type: "multicnn", split: [0] },
};

async function survey(source: FileSource) {
  const folder = await openModelFolder(source);
  const networks = await surveyFolder(folder);
  return { networks, facts: describeFolder(folder, networks) };
}

const files = (content: Readonly<Record<string, Content>>) => survey(memoryModelFolder(content));

describe("surveyFolder", () => {
  it("loads an ONNX file with the input that it states, whatever images the preprocessing makes", async () => {
    const { networks, facts } = await survey(directory(`${folders}exported`));
    const stated = networks.find(({ selection }) => selection === "free_batch");
    expect(stated?.problem).toBeUndefined();
    expect(stated?.loaded?.inputDims).toEqual([1, 9, 11, 10]);
    expect(facts.inputDims).toEqual([1, 9, 11, 10]);
  });

  it("loads every network of a multi-CNN model, and names the one that is broken", async () => {
    const { networks, facts } = await files({
      "commandline.json": ofPatches,
      "fold-0/models/cnn-0/best_loss/model_best.pth.tar": checkpoint,
      "fold-0/models/cnn-1/best_loss/model_best.pth.tar": "not a checkpoint",
    });
    expect(networks.map(({ fold, selection, part, isUsable }) => [fold, selection, part, isUsable])).toEqual([
      [0, "best_loss", 0, true],
      [0, "best_loss", 1, false],
    ]);
    expect(networks[0]?.loaded).toMatchObject({ parameterCount: 767, classCount: 2 });
    expect(networks[1]?.problem?.message).toContain("fold-0/models/cnn-1/best_loss/model_best.pth.tar");
    expect(facts.problems).toEqual([networks[1]?.problem?.message]);
  });

  it("leaves a network usable whose weights were trained on images of another size, and reports it", async () => {
    const { networks, facts } = await survey(directory(`${folders}old`));
    expect(networks).toHaveLength(1);
    expect(networks[0]).toMatchObject({ isUsable: true, problem: { code: "mismatch" } });
    expect(networks[0]?.loaded).toBeUndefined();
    expect(facts.problems.join()).toContain("trained on inputs of another size than 1×169×208×179");
  });

  it("refuses a single network where the settings say one for each part", async () => {
    const { networks } = await files({
      "commandline.json": ofPatches,
      "fold-0/models/best_loss/model_best.pth.tar": checkpoint,
    });
    expect(networks).toMatchObject([{ isUsable: false, problem: { code: "not-found" } }]);
  });

  it("says once that an autoencoder has no logits, however many networks the folder holds", async () => {
    const { networks, facts } = await files({
      "commandline.json": { ...settingsOfIt, network_type: "autoencoder", split: [0, 1] },
      "fold-0/models/best_loss/model_best.pth.tar": checkpoint,
      "fold-1/models/best_loss/model_best.pth.tar": checkpoint,
    });
    expect(networks.map(({ isUsable }) => isUsable)).toEqual([false, false]);
    expect(facts.problems).toHaveLength(1);
    expect(facts.problems[0]).toContain("autoencoder");
  });

  it("does not guess where the size of the input depends on the image", async () => {
    const { networks, facts } = await files({
      "commandline.json": { ...settingsOfIt, mode: "roi", roi_list: ["left"], split: [0] },
      "fold-0/models/best_loss/model_best.pth.tar": checkpoint,
    });
    expect(networks).toEqual([
      { fold: 0, selection: "best_loss", file: "fold-0/models/best_loss/model_best.pth.tar", isUsable: true },
    ]);
    expect(facts).toMatchObject({ inputDims: undefined, parameterCount: undefined, problems: [] });
  });

  it("ends with the reason of a signal", async () => {
    const folder = await openModelFolder(directory(`${folders}modern`));
    await expect(surveyFolder(folder, { signal: AbortSignal.abort(new Error("closed")) })).rejects.toThrow(
      "closed",
    );
  });
});

describe("describeFolder", () => {
  it("gives the facts of the training and of a network, and what is missing first", async () => {
    const { facts } = await files({
      "commandline.json": {
        ...settingsOfIt,
        ...{ mode: "patch", patch_size: 10, stride_size: 10, split: [0, 3] },
      },
      "fold-0/models/best_loss/model_best.pth.tar": checkpoint,
      "fold-1/notes.txt": "",
    });
    expect(facts).toMatchObject({
      ...{ name: "/models/mine", architecture: "RandomArchitecture", task: "classification", mode: "patch" },
      ...{ networkType: "cnn", images: { preprocessing: "t1-linear-downsampled" }, normalize: true },
      ...{ inputDims: [1, 10, 10, 10], parameterCount: 767, classCount: 2, diagnoses: ["AD", "CN"] },
      ...{ capsDir: "/data/caps", tsvPath: "/data/labels" },
    });
    expect(facts.folds.map(({ index, networks }) => [index, networks.length])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(facts.problems[0]).toContain("fold-1 holds no trained network");
    expect(facts.problems[1]).toContain("fold-3 is missing");
  });

  it("knows the architecture by the settings where no network can be loaded", async () => {
    const { facts } = await files({
      "commandline.json": commandline,
      "fold-0/models/best_loss/model_best.pth.tar": "not a checkpoint",
    });
    expect(facts).toMatchObject({ architecture: "Conv5_FC3_down", parameterCount: undefined });
  });

  it("says where a checkpoint has the name of another architecture than maps.json, which is used", async () => {
    const { facts, networks } = await survey(directory(`${folders}maps`));
    expect(networks.map(({ selection, loaded }) => [selection, loaded?.architecture])).toEqual([
      ["best_BA", "RandomArchitecture"],
      ["best_loss", "RandomArchitecture"],
    ]);
    expect(facts.problems).toEqual([
      'split-0/best-BA/model.pth.tar: the checkpoint names the architecture "Conv5_FC3", and maps.json "RandomArchitecture", which is used',
    ]);
  });
});
