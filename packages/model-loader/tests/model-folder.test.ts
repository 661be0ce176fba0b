import { describe, expect, it } from "vitest";
import { findSelection, openModelFolder } from "../src/index.ts";
import { commandline, memoryModelFolder } from "./memory-model-folder.ts";

const best = "models/best_loss/model_best.pth.tar";

describe("openModelFolder", () => {
  it("lists folds in the order of their numbers, and selections by name", async () => {
    const folder = await openModelFolder(
      memoryModelFolder({
        "commandline.json": commandline,
        [`fold-10/${best}`]: "",
        [`fold-2/${best}`]: "",
        [`fold-0/${best}`]: "",
        "fold-0/models/best_balanced_accuracy/model_best.pth.tar": "",
        "fold-0/models/best_balanced_accuracy/model_best.onnx": "",
        "fold-0/cnn_classification/best_loss/train_image_level_prediction.tsv": "",
        "fold-x/notes.txt": "",
        "fold-1": "a file",
      }),
    );
    expect(folder.folds).toEqual([
      {
        index: 0,
        name: "fold-0",
        selections: [
          {
            name: "best_balanced_accuracy",
            checkpoint: "fold-0/models/best_balanced_accuracy/model_best.pth.tar",
            onnx: "fold-0/models/best_balanced_accuracy/model_best.onnx",
          },
          { name: "best_loss", checkpoint: `fold-0/${best}` },
        ],
      },
      { index: 2, name: "fold-2", selections: [{ name: "best_loss", checkpoint: `fold-2/${best}` }] },
      { index: 10, name: "fold-10", selections: [{ name: "best_loss", checkpoint: `fold-10/${best}` }] },
    ]);
    expect(folder.missing).toEqual([]);
  });

  it("gathers the networks of a multi-CNN model below each selection", async () => {
    const { folds } = await openModelFolder(
      memoryModelFolder({
        "commandline.json": { ...commandline, mode: "patch", model: "Conv4_FC3", network_type: "multicnn" },
        "fold-0/models/cnn-10/best_loss/model_best.pth.tar": "",
        "fold-0/models/cnn-9/best_loss/model_best.pth.tar": "",
      }),
    );
    expect(folds[0]?.selections).toEqual([
      {
        name: "best_loss",
        networks: [
          { index: 9, checkpoint: "fold-0/models/cnn-9/best_loss/model_best.pth.tar" },
          { index: 10, checkpoint: "fold-0/models/cnn-10/best_loss/model_best.pth.tar" },
        ],
      },
    ]);
  });

  it("says in sentences what is missing", async () => {
    const { missing } = await openModelFolder(
      memoryModelFolder({
        "commandline.json": { ...commandline, split: [0, 4], mri_plane: 1, slice_direction: 2 },
        "fold-0/models/best_loss/notes.txt": "",
        [`fold-00/${best}`]: "",
      }),
    );
    expect(missing).toEqual([
      '/models/mine/commandline.json: "mri_plane" (1) contradicts "slice_direction" (2); the latter is used',
      "fold-00 and fold-0 have the same number; fold-00 is left out",
      "fold-0/models/best_loss holds neither model_best.pth.tar nor model_best.onnx",
      "fold-0 holds no trained network (fold-0/models/<selection>/model_best.pth.tar)",
      "fold-4 is missing: commandline.json says that split 4 was trained",
    ]);
  });

  it.each([
    [
      "an empty folder",
      {},
      "/models/mine: it is not a model folder: it has neither commandline.json nor maps.json: found nothing",
    ],
    ["another folder", { "a.txt": "", "b/c.txt": "" }, "found a.txt, b/"],
    ["a fold", { [best]: "" }, "open the model folder, some folders above"],
    [
      "a folder without folds",
      { "commandline.json": commandline },
      "has no trained folds: expected folders fold-0, fold-1, …, found commandline.json",
    ],
    [
      "a folder with much else",
      Object.fromEntries(Array.from({ length: 14 }, (_, k) => [`f${k}`, ""])),
      "and 4 more",
    ],
  ])("refuses %s and lists what is there", async (_, files, message) => {
    await expect(openModelFolder(memoryModelFolder(files))).rejects.toThrow(message);
  });

  it("refuses a path that is not a folder", async () => {
    const nowhere = { ...memoryModelFolder({}), list: async () => undefined };
    await expect(openModelFolder(nowhere)).rejects.toMatchObject({
      code: "not-found",
      message: "/models/mine: there is no such folder",
    });
  });

  it("does not read options of gigabytes", async () => {
    const folder = memoryModelFolder({ "commandline.json": commandline });
    const huge = {
      ...folder,
      open: async () => ({ byteLength: 2 ** 32, read: () => Promise.reject(new Error("it was read")) }),
    };
    await expect(openModelFolder(huge)).rejects.toThrow("it is not a file of options");
  });
});

describe("findSelection", () => {
  const opened = openModelFolder(
    memoryModelFolder({
      "commandline.json": commandline,
      [`fold-0/${best}`]: "",
      "fold-3/models/best_balanced_accuracy/model_best.onnx": "",
    }),
  );

  it("finds the files of a network", async () => {
    expect(findSelection(await opened, 3, "best_balanced_accuracy")).toEqual({
      name: "best_balanced_accuracy",
      onnx: "fold-3/models/best_balanced_accuracy/model_best.onnx",
    });
  });

  it("lists the folds there are when one is missing", async () => {
    const folder = await opened;
    expect(() => findSelection(folder, 1, "best_loss")).toThrow(
      "/models/mine: there is no fold-1: found fold-0, fold-3",
    );
  });

  it.each(["best_balanced_accuracy", "../../../etc", ""])(
    "lists the selections when there is no %j",
    async (name) => {
      const folder = await opened;
      expect(() => findSelection(folder, 0, name)).toThrow(
        `/models/mine/fold-0: no network was selected by "${name}": found best_loss`,
      );
    },
  );
});
