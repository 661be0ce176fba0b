import type { FileSource } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import {
  defaultSelection,
  findSelection,
  loadNetwork,
  openModelFolder,
  votingPredictions,
} from "../src/index.ts";
import { type Content, commandline, flatMaps, maps, memoryModelFolder } from "./memory-model-folder.ts";

const best = "best-loss/model.pth.tar";
const open = (files: Readonly<Record<string, Content>>) => openModelFolder(memoryModelFolder(files));
const openMaps = (files: Readonly<Record<string, Content>>, more: Record<string, unknown> = {}) =>
  open({ "maps.json": { ...maps, ...more }, ...files });

const list = (label: string, values: readonly string[]) =>
  [
    `\tparticipant_id\tsession_id\tcohort\t${label}`,
    ...values.map((value, k) => `${k}\tsub-${k}\tses-M000\tsingle\t${value}`),
  ]
    .join("\n")
    .concat("\n");

describe("a MAPS", () => {
  it("lists splits in the order of their numbers, and the networks that each metric chose", async () => {
    const { folds, missing } = await openMaps({
      [`split-10/${best}`]: "",
      [`split-2/${best}`]: "",
      [`split-0/${best}`]: "",
      "split-0/best-loss/model.onnx": "",
      "split-0/best-BA/model.pth.tar": "",
      "split-0/best-BA/train/train_image_level_prediction.tsv": "",
      "split-0/training_logs/training.tsv": "",
      "split-0/gradients/best_loss/mine/map.npy": "",
      "split-x/notes.txt": "",
    });
    expect(folds).toEqual([
      {
        index: 0,
        name: "split-0",
        selections: [
          { name: "best_BA", checkpoint: "split-0/best-BA/model.pth.tar" },
          {
            name: "best_loss",
            checkpoint: `split-0/${best}`,
            onnx: "split-0/best-loss/model.onnx",
          },
        ],
      },
      { index: 2, name: "split-2", selections: [{ name: "best_loss", checkpoint: `split-2/${best}` }] },
      { index: 10, name: "split-10", selections: [{ name: "best_loss", checkpoint: `split-10/${best}` }] },
    ]);
    expect(missing).toEqual([]);
  });

  it("has folds in the place of splits where one is called so, also beside logs of splits", async () => {
    const { folds } = await open({
      "maps.json": flatMaps,
      [`fold-1/${best}`]: "",
      "split-1/training_logs/training.tsv": "",
    });
    expect(folds.map(({ name }) => name)).toEqual(["fold-1"]);
  });

  it("is what a folder with both kinds of options is", async () => {
    const { program, missing } = await openMaps({ [`split-0/${best}`]: "", "commandline.json": commandline });
    expect(program.format).toBe("1.x");
    expect(missing).toEqual([
      "/models/mine holds both maps.json and commandline.json: it is read as a MAPS of ClinicaDL 1.x",
    ]);
  });

  it.each([
    ["clinica==0.7.6\nclinicadl==1.6.1\nclinicaldata==2\n", "1.6.1"],
    ["ClinicaDL==1.0.3\r\n", "1.0.3"],
    ["-e git+https://github.com/aramis-lab/clinicadl@abc#egg=clinicadl\n", undefined],
  ])("has the version of the program in its list of packages", async (environment, version) => {
    const { program } = await openMaps({ [`split-0/${best}`]: "", "environment.txt": environment });
    expect(program).toEqual({ name: "ClinicaDL", format: "1.x", ...(version && { version }) });
  });

  it("gathers the networks of the parts in the order of their numbers", async () => {
    const { folds, missing } = await openMaps(
      {
        "split-0/best-loss/network-10_model.pth.tar": "",
        "split-0/best-loss/network-9_model.pth.tar": "",
        "split-0/best-loss/network-9_model.onnx": "",
      },
      { multi_network: true, num_networks: 11 },
    );
    expect(folds[0]?.selections).toEqual([
      {
        name: "best_loss",
        networks: [
          {
            index: 9,
            checkpoint: "split-0/best-loss/network-9_model.pth.tar",
            onnx: "split-0/best-loss/network-9_model.onnx",
          },
          { index: 10, checkpoint: "split-0/best-loss/network-10_model.pth.tar" },
        ],
      },
    ]);
    const lost = Array.from({ length: 9 }, (_, k) => `network-${k}_model.pth.tar`).join(", ");
    expect(missing).toEqual([`split-0/best-loss lacks ${lost}: there are 11 parts, with a network for each`]);
  });

  it("takes an exported network in the place of the weights, by either name", async () => {
    const { folds } = await openMaps({ "split-0/best-loss/model_best.onnx": "" });
    expect(folds[0]?.selections).toEqual([{ name: "best_loss", onnx: "split-0/best-loss/model_best.onnx" }]);
  });

  it("may be in a folder that is named as one of its own", async () => {
    const inside = memoryModelFolder({ "maps.json": maps, [`split-0/${best}`]: "" });
    const { folds } = await openModelFolder({ ...inside, name: "/models/maps.json/split-0/best-loss" });
    expect(folds).toHaveLength(1);
  });

  it("is not what a folder that is called maps.json makes", async () => {
    await expect(open({ "maps.json/maps.json": maps, [`split-0/${best}`]: "" })).rejects.toThrow(
      "it has neither commandline.json nor maps.json",
    );
  });
});

describe("what is missing in a MAPS", () => {
  it("is said in sentences", async () => {
    const { missing } = await openMaps(
      {
        "split-0/best-loss/validation/description.log": "",
        [`split-1/${best}`]: "",
        "split-2/tmp/checkpoint.pth.tar": "",
        [`split-3/${best}`]: "",
        "split-3/tmp/checkpoint.pth.tar": "",
      },
      { n_splits: 5 },
    );
    expect(missing).toEqual([
      "split-0/best-loss holds no network (model.pth.tar)",
      "split-0 holds no trained network (split-0/best-<metric>/model.pth.tar)",
      "split-2 holds no trained network (split-2/best-<metric>/model.pth.tar)",
      "the training of split-2 was cut off, or is still going on: there is split-2/tmp",
      "the training of split-3 was cut off, or is still going on: there is split-3/tmp; its networks are the best of the epochs before that",
      "split-4 is missing: maps.json says that split 4 was to be trained",
    ]);
  });

  it("is no split that was not asked for", async () => {
    const { missing } = await openMaps({ [`split-1/${best}`]: "" }, { n_splits: 3, split: [1] });
    expect(missing).toEqual([]);
  });

  it("is no fold of 1.0, which does not say which ones were requested", async () => {
    const { missing } = await open({ "maps.json": { ...flatMaps, n_splits: 5 }, [`fold-3/${best}`]: "" });
    expect(missing).toEqual([]);
  });

  it("is every fold, where nothing was trained yet", async () => {
    await expect(openMaps({ "groups/train+validation.tsv": "" })).rejects.toThrow(
      "the model folder has no trained folds: expected folders split-0, split-1, …, found groups/, maps.json",
    );
  });

  it("is said of a folder inside of a MAPS, with what to open", async () => {
    for (const files of [{ [best]: "" }, { "model.pth.tar": "" }, { "data.tsv": "" }]) {
      await expect(open(files)).rejects.toThrow("open the model folder, some folders above");
    }
  });

  it("is said of the folder of a data group, which has a maps.json too", async () => {
    const group = { "maps.json": { caps_directory: "/caps", multi_cohort: false }, "data.tsv": "" };
    await expect(open(group)).rejects.toThrow(
      '/models/mine/maps.json: it describes a data group of a MAPS, not a MAPS; open the model folder, which holds the folder "groups"',
    );
  });

  it("is found without reading a maps.json of 100 MB", async () => {
    const folder = memoryModelFolder({ "maps.json": maps, [`split-0/${best}`]: "" });
    const huge: FileSource = {
      ...folder,
      open: async () => ({ byteLength: 1e8, read: () => Promise.reject(new Error("it was read")) }),
    };
    await expect(openModelFolder(huge)).rejects.toThrow(
      "/models/mine/maps.json: it is not a file of options: expected some kilobytes, found 100000000 bytes",
    );
  });
});

describe("the data groups of a MAPS", () => {
  it("are lists of each split, and lists that the splits share", async () => {
    const { groups, missing } = await openMaps({
      [`split-0/${best}`]: "",
      [`split-1/${best}`]: "",
      "groups/train+validation.tsv": "",
      "groups/train/split-0/data.tsv": "",
      "groups/train/split-1/data.tsv": "",
      "groups/validation/split-0/data.tsv": "",
      "groups/validation/split-0/maps.json": { caps_directory: "/other/caps.tsv", multi_cohort: true },
      "groups/test/data.tsv": "",
      "groups/test/maps.json": { caps_directory: "", multi_cohort: false },
    });
    const ofTraining = { capsDirectory: "../caps", multiCohort: false };
    expect(groups).toEqual([
      { name: "test", file: "groups/test/data.tsv", ...ofTraining },
      { name: "train", fold: 0, file: "groups/train/split-0/data.tsv", ...ofTraining },
      { name: "train", fold: 1, file: "groups/train/split-1/data.tsv", ...ofTraining },
      {
        ...{ name: "validation", fold: 0, file: "groups/validation/split-0/data.tsv" },
        ...{ capsDirectory: "/other/caps.tsv", multiCohort: true },
      },
    ]);
    expect(missing).toEqual(["groups/validation/split-1 holds no data.tsv"]);
  });

  it("of folds may be below splits, where a later version went on with the training", async () => {
    const { groups, missing } = await open({
      "maps.json": flatMaps,
      [`fold-0/${best}`]: "",
      "groups/train/split-0/data.tsv": "",
    });
    expect(groups).toMatchObject([{ name: "train", fold: 0, file: "groups/train/split-0/data.tsv" }]);
    expect(missing).toEqual([]);
  });

  it("that cannot be understood are named, and take their images from the training", async () => {
    const { groups, missing } = await openMaps({
      [`split-0/${best}`]: "",
      "groups/test/data.tsv": "",
      "groups/test/maps.json": { caps_directory: 3 },
    });
    expect(groups).toMatchObject([{ name: "test", capsDirectory: "../caps" }]);
    expect(missing).toEqual([
      '/models/mine/groups/test/maps.json: invalid value of "caps_directory": expected a path, or false, found 3',
    ]);
  });
});

describe("a MAPS without label_code", () => {
  const codeOf = async (label: string, values: readonly string[]) =>
    (
      await openMaps(
        { [`split-0/${best}`]: "", "groups/train/split-0/data.tsv": list(label, values) },
        { label, label_code: {} },
      )
    ).settings.labelCode;

  it("numbers the classes by the values of the training list in the order of the alphabet", async () => {
    expect(await codeOf("diagnosis", ["CN", "AD", "MCI", "AD"])).toEqual(
      new Map([
        ["AD", 0],
        ["CN", 1],
        ["MCI", 2],
      ]),
    );
  });

  it("orders numbers as numbers, as the program did that left them out", async () => {
    expect([...((await codeOf("stage", ["10", "2", "2"])) ?? [])]).toEqual([
      ["2", 0],
      ["10", 1],
    ]);
  });

  it("says that it took them from there, or that nothing says it", async () => {
    const without = await openMaps(
      { [`split-0/${best}`]: "", "groups/train/split-0/data.tsv": list("sex", ["F", "M"]) },
      { label_code: null },
    );
    expect(without.settings.labelCode).toBeUndefined();
    expect(without.missing).toEqual([
      'maps.json has no "label_code", and groups/train/split-0/data.tsv has no column "diagnosis": it is not known which output is which class',
    ]);
    const { missing } = await openMaps(
      { [`split-0/${best}`]: "", "groups/train/split-0/data.tsv": list("diagnosis", ["CN", "AD"]) },
      { label_code: null },
    );
    expect(missing).toEqual([
      'maps.json has no "label_code": the classes are numbered by the values in groups/train/split-0/data.tsv',
    ]);
  });

  it("needs none for a regression", async () => {
    const { settings, missing } = await openMaps(
      { [`split-0/${best}`]: "" },
      { network_task: "regression", label: "age", label_code: null },
    );
    expect([settings.labelCode, missing]).toEqual([undefined, []]);
  });
});

describe("a selection of a MAPS", () => {
  const opened = openMaps({
    [`split-0/${best}`]: "",
    "split-0/best-BA/model.pth.tar": "",
    [`split-1/${best}`]: "",
    "split-1/best-F1_score/model.pth.tar": "",
  });

  it.each([
    ["best_loss", "best_loss"],
    ["best-loss", "best_loss"],
    ["loss", "best_loss"],
    ["BA", "best_BA"],
    ["best_balanced_accuracy", "best_BA"],
  ])("is found as %s", async (asked, name) => {
    expect(findSelection(await opened, 0, asked).name).toBe(name);
  });

  it("of 0.2 is found by the metric's name in 1.x", async () => {
    const old = await open({
      "commandline.json": commandline,
      "fold-0/models/best_balanced_accuracy/model_best.pth.tar": "",
    });
    expect(findSelection(old, 0, "BA").name).toBe("best_balanced_accuracy");
  });

  it("that a split lacks is an error that lists those it has", async () => {
    const folder = await opened;
    expect(() => findSelection(folder, 1, "BA")).toThrow(
      '/models/mine/split-1: no network was selected by "BA": found best_F1_score, best_loss',
    );
    expect(() => findSelection(folder, 2, "BA")).toThrow(
      "/models/mine: there is no split-2: found split-0, split-1",
    );
  });

  it("is by default the balanced accuracy, else the only one there is, else the loss", async () => {
    expect(defaultSelection(await opened)).toBe("best_BA");
    const only = await openMaps({ "split-0/best-MAE/model.pth.tar": "" });
    expect(defaultSelection(only)).toBe("best_MAE");
    const several = await openMaps({ "split-0/best-MAE/model.pth.tar": "", [`split-1/${best}`]: "" });
    expect(defaultSelection(several)).toBe("best_loss");
  });

  it("has its predictions of the validation set beside it", async () => {
    const files = { "split-0/best-F1_score/model.pth.tar": "" };
    const folder = await openMaps(files, {
      ...{ mode: "patch", preprocessing_dict: { preprocessing: "t1-linear", mode: "patch" } },
      input_size: [1, 50, 50, 50],
    });
    expect(await votingPredictions(folder, 0, "F1_score")).toEqual([
      "split-0/best-F1_score/validation/validation_patch_level_prediction.tsv",
    ]);
  });
});

describe("loading a network of a MAPS", () => {
  const load = async (
    files: Readonly<Record<string, Content>>,
    more: Record<string, unknown>,
    network?: number,
  ) =>
    loadNetwork(await openMaps(files, more), 0, "loss", {
      inputDims: maps.input_size,
      ...(network !== undefined && { network }),
    });
  const several = {
    "split-0/best-loss/network-0_model.pth.tar": "",
    "split-0/best-loss/network-2_model.pth.tar": "",
  };
  const cases: [string, Record<string, string>, Record<string, unknown>, number | undefined, string][] = [
    [
      "a part that has none is named with those that have one",
      several,
      { multi_network: true },
      1,
      'split-0: there is no network network-1 for "best_loss": found network-0, network-2',
    ],
    [
      "one for all parts, where there should be one for each, is refused",
      { [`split-0/${best}`]: "" },
      { multi_network: true },
      0,
      'there is one network for "best_loss", though "multi_network" is true: expected one network for each part, in best-loss/network-<k>_model.pth.tar',
    ],
    [
      "one for each part, where there should be one, is refused",
      several,
      {},
      undefined,
      'there are several networks for "best_loss" (best-loss/network-<k>_model.pth.tar), though "multi_network" is false',
    ],
    [
      "a reconstruction is refused by its name",
      { [`split-0/${best}`]: "" },
      { network_task: "reconstruction", output_size: [1, 4, 4, 4] },
      undefined,
      "/models/mine: the model is trained for reconstruction (an autoencoder, say). It gives an image back instead of the logits of classes",
    ],
  ];
  it.each(cases)("%s", async (_, files, more, network, message) => {
    await expect(load(files, more, network)).rejects.toThrow(message);
  });
});
