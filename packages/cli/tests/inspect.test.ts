// What `voxplain inspect` says of model folders of both generations, and of what is no model folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { problemsWith } from "../../../tests/result-schemas.ts";
import { voxplain } from "./run-voxplain.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "inspect-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string | Uint8Array | object>>, below = ""): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, below, name);
    mkdirSync(dirname(path), { recursive: true });
    const isBytes = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(path, isBytes ? content : JSON.stringify(content));
  }
}

/** A network of two logits for cubes of 2 voxels. */
async function network(outputs = 2): Promise<Uint8Array> {
  const graph = graphBuilder("tiny");
  const image = graph.input("image", "float32", ["n", 1, 2, 2, 2]);
  const weights = tensor("float32", [8, outputs], new Float32Array(8 * outputs).fill(0.5));
  const flat = graph.add("Flatten", [image]);
  const dense = graph.add("MatMul", [flat, graph.initializer("w", weights)], {}, { outputs: ["y"] });
  graph.output(dense, "float32", ["n", outputs]);
  const { proto } = await encodeModel(modelOf(graph.build()), { externalData: "inline" });
  return proto;
}

const maps = {
  architecture: "Conv5_FC3",
  network_task: "classification",
  multi_network: false,
  label: "diagnosis",
  label_code: { AD: 0, CN: 1 },
  caps_directory: "../caps",
  tsv_path: "../labels",
  normalize: true,
  sampler: "weighted",
  preprocessing_dict: { preprocessing: "t1-linear", mode: "image" },
  num_networks: 1,
  output_size: 2,
  input_size: [1, 2, 2, 2],
};
const list = (column: string, values: readonly string[]) =>
  ["\tparticipant_id\tsession_id\tcohort", ...values.map((_, k) => `${k}\tsub-${k}\tses-M000\tsingle`)]
    .map((line, k) => `${line}\t${k === 0 ? column : values[k - 1]}\n`)
    .join("");

async function inspected(
  below = "model",
): Promise<{ text: string; json: Record<string, unknown>; status: number }> {
  const path = join(root, below);
  const text = await voxplain("inspect", path);
  const json = await voxplain("inspect", path, "--json");
  if (json.output !== "") expect(problemsWith("inspect", JSON.parse(json.output))).toEqual([]);
  return { text: text.output + text.errors, json: JSON.parse(json.output || "{}"), status: text.status };
}

const commandOf = async (below?: string) => (await inspected(below)).json.command;

describe("voxplain inspect of a MAPS", () => {
  const writeMaps = async (more: object = {}, files: Readonly<Record<string, string | object>> = {}) =>
    write(
      {
        "maps.json": { ...maps, ...more },
        "environment.txt": "clinicadl==1.5.1\n",
        "split-0/best-loss/model.onnx": await network(),
        "groups/train/split-0/data.tsv": list("diagnosis", ["AD", "CN", "CN"]),
        ...files,
      },
      "model",
    );

  it("says what wrote it, which classes it has, and what it contains", async () => {
    await writeMaps();
    const { text, json, status } = await inspected();
    expect(status).toBe(0);
    expect(text).toMatch(/^written by +ClinicaDL 1\.5\.1 \(a MAPS\)$/m);
    expect(text).toMatch(/^task +classification of diagnosis: AD 0, CN 1$/m);
    expect(text).toMatch(/^input size +1 × 2 × 2 × 2$/m);
    expect(text).toMatch(/^split 0 +best_loss: 16 parameters, split-0\/best-loss\/model\.onnx$/m);
    expect(text).toMatch(/^data groups +train of split-0: 3 sessions, groups\/train\/split-0\/data\.tsv$/m);
    expect(text).toMatch(/sampler weighted: ignored: it chose the images of a batch of the training/);
    expect(json).toMatchObject({
      ...{
        program: "ClinicaDL",
        program_version: "1.5.1",
        program_format: "1.x",
        network_task: "classification",
      },
      ...{
        label: "diagnosis",
        label_code: { AD: 0, CN: 1 },
        input_size: [1, 2, 2, 2],
        output_size: 2,
        problems: [],
      },
      folds: [{ fold: 0, name: "split-0", selections: [{ selection: "best_loss", parameters: 16 }] }],
      data_groups: [{ name: "train", fold: 0, sessions: 3, labels: true, caps_dir: "../caps" }],
    });
  });

  it("names what is missing in it", async () => {
    await writeMaps({ n_splits: 2 }, { "split-0/tmp/checkpoint.pth.tar": "" });
    const { text } = await inspected();
    expect(text).toContain("problem: the training of split-0 was cut off, or is still going on");
    expect(text).toContain("problem: split-1 is missing");
  });

  it("lists the maps that ClinicaDL itself made, and those alone", async () => {
    await writeMaps(
      {},
      {
        "split-0/best-loss/test/interpret-mine/mean_image-0_map.pt": "",
        "split-0/best-loss/test/interpret-mine/sub-01_ses-M00_image-0_map.pt": "",
        "split-0/best-loss/test/description.log": "",
        "split-0/gradients/best_loss/ours/map.npy": "",
      },
    );
    const { text, json } = await inspected();
    expect(text).toMatch(
      /^ClinicaDL's maps +split-0\/best-loss\/test\/interpret-mine: 2 files, left alone$/m,
    );
    expect(json.clinicadl_maps).toEqual([
      {
        ...{ fold: "split-0", selection: "best_loss", data_group: "test", name: "mine", files: 2 },
        folder: "split-0/best-loss/test/interpret-mine",
      },
    ]);
  });

  it("lists a reconstruction, and says that nothing explains it", async () => {
    await writeMaps({ network_task: "reconstruction", label_code: null, output_size: [1, 2, 2, 2] });
    const { text, json, status } = await inspected();
    expect(status).toBe(0);
    expect(text).toMatch(/^task +reconstruction, which cannot be explained$/m);
    expect(text).toContain("to explain it");
    expect(json).toMatchObject({ command: null, network_task: "reconstruction" });
    expect((json.problems as string[]).join()).toContain("trained for reconstruction");
  });

  it("describes parts as they are cut", async () => {
    const ofImages = { preprocessing: "t1-linear", mode: "slice", slice_direction: 2, slice_mode: "single" };
    await writeMaps({
      preprocessing_dict: { ...ofImages, discarded_slices: [3, 4] },
      num_networks: 9,
      input_size: [1, 20, 20],
    });
    expect((await inspected()).text).toMatch(
      /^parts +axial slices on 1 channel, without 3 at the beginning and 4 at the end, 9 for each image, cut from the image$/m,
    );
  });

  describe("gives the command that would explain it,", () => {
    it("with its own lists, where the CAPS of the training is there", async () => {
      await writeMaps();
      write({ "caps/subjects/sub-1/ses-M000/readme": "" });
      expect(await commandOf()).toBe(`voxplain interpret group ${join(root, "model")} MAP --use_cpu`);
    });

    it("with a CAPS to name, where the one of the training has none of its sessions", async () => {
      await writeMaps();
      write({ "caps/subjects/sub-7/ses-M000/readme": "" });
      const { json } = await inspected();
      expect(json.command).toMatch(/--use_cpu --caps_dir CAPS$/);
      expect(json.command_note).toContain(
        `CAPS: a CAPS folder with the sessions of groups/train/split-0/data.tsv, of which ${join(root, "caps")} has none`,
      );
    });

    it("with a CAPS to name, where it is not there", async () => {
      await writeMaps();
      const { json } = await inspected();
      expect(json.command).toMatch(/MAP --use_cpu --caps_dir CAPS$/);
      expect(json.command_note).toBe("MAP: a name for the result; CAPS: your CAPS folder");
    });

    it("with lists to name, where it has none", async () => {
      await writeMaps({}, { "groups/train/split-0/data.tsv": "participant_id\tsession_id\n" });
      expect(await commandOf()).toMatch(/--caps_dir CAPS --tsv_path LABELS$/);
    });

    it("on sessions that the training did not see, where a data group has some", async () => {
      await writeMaps({}, { "groups/test/data.tsv": list("diagnosis", ["AD"]).replace("\t", "") });
      expect(await commandOf()).toMatch(/--use_cpu --data_group test --caps_dir CAPS$/);
    });

    it("of a class that it knows, where it was not trained on AD", async () => {
      await writeMaps({ label_code: { sMCI: 1, pMCI: 0 }, diagnoses: ["sMCI", "pMCI"] });
      expect(await commandOf()).toContain(" --diagnosis sMCI ");
    });

    it("of a value of its label, where that is not a diagnosis", async () => {
      await writeMaps(
        { label: "sex", label_code: { F: 0, M: 1 } },
        { "groups/train/split-0/data.tsv": list("sex", ["F"]) },
      );
      expect(await commandOf()).toContain(" --target_label F ");
    });

    it("without a class of a regression", async () => {
      await writeMaps(
        { network_task: "regression", label: "age", label_code: null, output_size: 1 },
        {
          "split-0/best-loss/model.onnx": "",
          "split-0/best-MAE/model.onnx": await network(1),
          "groups/train/split-0/data.tsv": list("age", ["60.5"]),
        },
      );
      expect(await commandOf()).toMatch(/MAP --use_cpu --selection best_MAE --caps_dir CAPS$/);
    });

    it("for the folds whose networks can be loaded", async () => {
      await writeMaps({}, { "split-1/best-loss/model.onnx": "broken" });
      expect(await commandOf()).toContain(" --selection best_loss --folds 0 ");
    });

    it("for a path with spaces", async () => {
      write({ "maps.json": maps, "split-0/best-loss/model.onnx": await network() }, "my model");
      expect(await commandOf("my model")).toContain(`interpret group '${join(root, "my model")}' MAP`);
    });

    it("or none, where no network can be loaded", async () => {
      await writeMaps({}, { "split-0/best-loss/model.onnx": "broken" });
      const { json } = await inspected();
      expect(json).toMatchObject({ command: null, command_note: "nothing: no network can be loaded" });
    });
  });
});

describe("voxplain inspect of a folder of ClinicaDL 0.2", () => {
  it("gives the same facts", async () => {
    write(
      {
        "commandline.json": {
          ...{ model: "Mine", mode: "patch", patch_size: 2, stride_size: 2, preprocessing: "t1-linear" },
          ...{ diagnoses: ["AD", "CN"], caps_dir: "/gone", tsv_path: "/gone" },
        },
        "environment.txt": "clinicadl==0.2.2\n",
        "fold-0/models/best_loss/model_best.onnx": await network(),
      },
      "model",
    );
    const { text, json } = await inspected();
    expect(text).toMatch(/^written by +ClinicaDL 0\.2\.2$/m);
    expect(text).toMatch(/^task +classification of diagnosis: CN 0, AD 1$/m);
    expect(text).toMatch(/^parts +patches of 2 voxels, one every 2, cut from the image$/m);
    expect(json).toMatchObject({
      ...{ program_version: "0.2.2", program_format: "0.2", label_code: { CN: 0, AD: 1 }, data_groups: [] },
      command: `voxplain interpret group ${join(root, "model")} MAP --use_cpu --selection best_loss --caps_dir CAPS --tsv_path LABELS`,
    });
  });
});

describe("voxplain inspect of an ONNX file", () => {
  it("gives its producer and the commands that would explain it", async () => {
    write({ "model.onnx": await network() });
    const { text, json } = await inspected("model.onnx");
    const path = join(root, "model.onnx");
    expect(text).toMatch(/^producer +voxplain$/m);
    expect(json).toMatchObject({
      producer: "voxplain",
      commands: [
        `voxplain explain ${path} IMAGE --use_cpu`,
        `voxplain interpret group ${path} MAP --use_cpu --images TABLE --target_node 0 --output_dir RESULTS`,
      ],
    });
  });
});

describe("voxplain inspect of what is no model folder", () => {
  const reportOf = async (below: string) => {
    const { text, json, status } = await inspected(below);
    expect(status).toBe(0);
    return { text, json };
  };

  beforeEach(async () => {
    write({ "maps.json": maps, "split-0/best-loss/model.onnx": await network() }, "models/mine");
    write(
      { "data.tsv": list("diagnosis", ["AD"]), "maps.json": { caps_directory: "/caps" } },
      "models/mine/groups/test",
    );
  });

  it.each(["models/mine/split-0", "models/mine/split-0/best-loss/model.onnx.txt", "models/mine/groups/test"])(
    "finds the model folder around %s",
    async (below) => {
      write({ "models/mine/split-0/best-loss/model.onnx.txt": "" });
      const { text, json } = await reportOf(below);
      expect(text).toContain(`a part of the model folder ${join(root, "models/mine")}`);
      expect(json.commands).toEqual([`voxplain inspect ${join(root, "models/mine")}`]);
    },
  );

  it.each(["models", "."])("finds the model folder in %s", async (below) => {
    const { json } = await reportOf(below);
    expect(json).toMatchObject({
      kind: "model folders below",
      commands: [`voxplain inspect ${join(root, "models/mine")}`],
    });
  });

  it("counts the sessions of a CAPS, and what was prepared", async () => {
    const folder = "deeplearning_prepare_data/image_based/t1_linear/x.pt";
    write(
      {
        [`sub-01/ses-M00/${folder}`]: "",
        [`sub-01/ses-M12/${folder}`]: "",
        "sub-02/ses-M00/pet_linear/y.nii": "",
      },
      "caps/subjects",
    );
    const { json } = await reportOf("caps");
    expect(json).toMatchObject({
      ...{ kind: "CAPS", participants: "2", sessions: "3", images_of: "image_based/t1_linear, pet_linear" },
      commands: [`voxplain predict MODEL --use_cpu --caps_dir ${join(root, "caps")} --tsv_path LABELS`],
    });
  });

  it("counts the images of a BIDS dataset", async () => {
    write({
      "bids/dataset_description.json": { Name: "x", BIDSVersion: "1.8.0" },
      "bids/sub-01/anat/sub-01_T1w.nii.gz": "x",
      "bids/sub-02/anat/sub-02_T1w.nii.gz": "x",
    });
    const { json } = await reportOf("bids");
    expect(json).toMatchObject({
      ...{ kind: "BIDS dataset", participants: "2", images: "2 sessions" },
      commands: [`voxplain predict MODEL --use_cpu --images ${join(root, "bids")}`],
    });
  });

  it("says which option takes a table", async () => {
    write({
      "images.csv": "participant_id,image\nsub-01,a.nii\n",
      "a.nii": "x",
      "list.tsv": "participant_id\tsession_id\tdiagnosis\nsub-01\tses-M00\tAD\n",
      "cohorts.tsv": "cohort\tpath\na\t/x\n",
      "labels/AD.tsv": "participant_id\tsession_id\nsub-01\tses-M00\n",
    });
    expect((await reportOf("images.csv")).json).toMatchObject({
      ...{ it_is: "a table of images", images: "1 session" },
      commands: [`voxplain predict MODEL --use_cpu --images ${join(root, "images.csv")}`],
    });
    expect((await reportOf("list.tsv")).json.commands).toEqual([
      `voxplain predict MODEL --use_cpu --caps_dir CAPS --tsv_path ${join(root, "list.tsv")}`,
    ]);
    expect((await reportOf("cohorts.tsv")).json.it_is).toBe("a table of cohorts, each with its folder");
    expect((await reportOf("labels")).json).toMatchObject({
      kind: "label lists",
      it_is: "a folder of lists of sessions: AD.tsv",
    });
  });

  it("says what to do with images that are in no dataset", async () => {
    write({ "scans/a.nii.gz": "x", "scans/b.mgz": "x", "scans/notes.txt": "" });
    const { text, json } = await reportOf("scans");
    expect(text).toContain(
      "list them in a table with the columns participant_id, diagnosis and image (--images)",
    );
    expect(json).toMatchObject({ kind: "images", images: "2" });
    const one = join(root, "scans/a.nii.gz");
    expect((await reportOf("scans/a.nii.gz")).json).toMatchObject({
      kind: "images",
      commands: [`voxplain explain NETWORK.onnx ${one} --use_cpu`],
    });
  });

  it("leaves a folder of nothing known an error that lists what is there", async () => {
    write({ "elsewhere/notes.txt": "" });
    rmSync(join(root, "models"), { recursive: true });
    const { text, status } = await inspected("elsewhere");
    expect(status).toBe(1);
    expect(text).toContain("it has neither commandline.json nor maps.json: found notes.txt");
  });

  it("leaves a model folder whose options are broken the error about these", async () => {
    write({ "maps.json": "{", "split-0/best-loss/model.onnx": "" }, "broken");
    const { text, status } = await inspected("broken");
    expect(status).toBe(1);
    expect(text).toContain("broken/maps.json: it is not valid JSON");
  });
});
