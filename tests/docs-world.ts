// The files that the pages of the documentation mention, small: model folders, a CAPS, a BIDS dataset, lists, an atlas, ONNX
// networks.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readMapGeometry } from "@voxplain/caps-io";
import { type Affine, elementCount, identityAffine } from "@voxplain/core";
import { directory, gzipInPool } from "@voxplain/core/node";
import { buildNetwork } from "@voxplain/model-loader";
import { encodeModel } from "@voxplain/onnx-graph";
import { openCheckpoint, rootTensor } from "@voxplain/torch-checkpoint";
import { networkFixture } from "../packages/model-loader/tests/network-fixtures.ts";
import { encodeNifti, encodeNiftiGz } from "../packages/writers/src/index.ts";
import { root } from "./workspace.ts";

const affine: Affine = [
  [1, 0, 0, -10],
  [0, 1, 0, -12],
  [0, 0, 1, -11],
  [0, 0, 0, 1],
];
const shape = [21, 26, 23] as const;
const voxels = elementCount(shape);

/** Fills a folder as a reader's would be, beside `sample/`. */
export async function makeWorld(folder: string): Promise<void> {
  symlinkSync(join(root, "sample"), join(folder, "sample"), "junction");
  symlinkSync(join(root, "tests/known-truth/maps"), join(folder, "known-truth"), "junction");
  cpSync(join(root, "packages/cli/tests/fixtures/onnx"), folder, {
    recursive: true,
    filter: (path) => !/\.(py|json)$/.test(path),
  });
  cpSync(join(folder, "volume.onnx"), join(folder, "network.onnx"));
  const network = await smallNetwork();
  modelFolder(join(folder, "my_model"), network);
  mapsFolder(join(folder, "my_maps"), network);
  await cohort(folder);
  // Maps of a study, and two finished jobs.
  for (const name of ["unpaired", "jobs"]) {
    const maps = join(root, "packages/cli/tests/fixtures/group-analysis", name);
    cpSync(maps, join(folder, "study"), { recursive: true, filter: (path) => !path.endsWith("expected") });
  }
  await writeVolume(
    join(folder, "atlas.nii.gz"),
    Float32Array.from({ length: voxels }, (_, k) => k % 7),
  );
}

const sampleImage = (participant: string, session: string) =>
  join(
    ...["sample/caps/subjects", participant, session, "deeplearning_prepare_data/image_based/t1_linear"],
    `${participant}_${session}_T1w_space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w.pt`,
  );

/** What tutorials ask their reader to bring or to make in Python, beside `sample/` and `known-truth/`. */
export async function makeTutorialFiles(folder: string): Promise<void> {
  // A cohort of two in the place of the 40 that are too large to be kept.
  const rows = Object.entries({ "sub-SIM001": "AD", "sub-SIM002": "CN" }).map(
    ([participant, diagnosis]) =>
      `${participant}\tses-M00\t${diagnosis}\t${sampleImage(participant, "ses-M00")}\n`,
  );
  const header = "participant_id\tsession_id\tdiagnosis\timage\n";
  writeFileSync(join(folder, "cohort.tsv"), `${header}${rows.join("")}`);
  cpSync(join(root, "tests/fixtures/tutorials/network.onnx"), join(folder, "network.onnx"));
}

/** The sample as a BIDS dataset, as the program of a tutorial makes it; not compressed, which saves seconds. */
export async function makeSampleBids(folder: string): Promise<void> {
  const { shape, affine = identityAffine } = await readMapGeometry(
    directory(join(root, "sample/template")),
    "colin27_t1_2mm.nii.gz",
  );
  const participants = new Map<string, string>();
  for (const diagnosis of ["AD", "CN"]) {
    const [, ...lines] = readFileSync(join(root, `sample/labels/${diagnosis}.tsv`), "utf8")
      .trimEnd()
      .split("\n");
    for (const [participant = "", session = ""] of lines.map((line) => line.split("\t"))) {
      participants.set(participant, diagnosis);
      const { data } = await rootTensor(
        await openCheckpoint(readFileSync(join(root, sampleImage(participant, session)))),
      ).read();
      const anat = join(folder, "bids", participant, session, "anat");
      mkdirSync(anat, { recursive: true });
      const file = join(anat, `${participant}_${session}_T1w.nii`);
      writeFileSync(file, encodeNifti({ data: data as Float32Array, shape, affine }));
    }
  }
  const lines = Array.from(participants, ([participant, diagnosis]) => `${participant}\t${diagnosis}\n`);
  writeFileSync(join(folder, "bids/participants.tsv"), `participant_id\tdiagnosis\n${lines.join("")}`);
}

/** A network of the random search, exported to ONNX. */
async function smallNetwork(): Promise<Uint8Array> {
  const { settings, stateDict, inputDims } = networkFixture("random_3d_batch_pool");
  const { model } = buildNetwork(settings, stateDict, inputDims);
  return (await encodeModel(model, { externalData: "inline" })).proto;
}

/** As ClinicaDL 0.2 leaves it. */
function modelFolder(folder: string, network: Uint8Array): void {
  const selection = join(folder, "fold-0/models/best_balanced_accuracy");
  mkdirSync(selection, { recursive: true });
  writeFileSync(join(selection, "model_best.onnx"), network);
  const training = {
    ...{ mode: "image", network_type: "cnn", preprocessing: "t1-linear", unnormalize: false },
    ...{
      caps_dir: "../caps",
      tsv_path: "../labels",
      diagnoses: ["AD", "CN"],
      baseline: false,
      n_splits: null,
    },
    ...{ model: "Exported" },
  };
  writeFileSync(join(folder, "commandline.json"), JSON.stringify(training));
}

/** As ClinicaDL 1.6 leaves it: trained on the first session of each diagnosis, evaluated on the others. */
function mapsFolder(folder: string, network: Uint8Array): void {
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const images = { preprocessing: "t1-linear", mode: "image", use_uncropped_image: false, prepare_dl: false };
  const training = {
    ...{ architecture: "Exported", network_task: "classification", mode: "image", multi_network: false },
    ...{
      num_networks: 1,
      input_size: [1, ...shape],
      output_size: 2,
      normalize: true,
      n_splits: 0,
      split: [],
    },
    ...{ label: "diagnosis", label_code: { AD: 0, CN: 1 }, selection_metrics: ["loss", "BA"] },
    ...{ caps_directory: "caps", tsv_path: "labels", multi_cohort: false, diagnoses: ["AD", "CN"] },
    preprocessing_dict: images,
  };
  write("maps.json", JSON.stringify(training, null, 4));
  write("environment.txt", "clinicadl==1.6.1\n");
  for (const selection of ["best-loss", "best-BA"]) write(`split-0/${selection}/model.onnx`, network);
  const rows = (number: number) =>
    ["AD", "CN"].map((name) => `sub-${name}${number}\tses-M00\tsingle\t${name}\n`);
  const header = "participant_id\tsession_id\tcohort\tdiagnosis\n";
  const list = (number: number) =>
    `\t${header}${rows(number)
      .map((row, k) => `${k}\t${row}`)
      .join("")}`;
  const group = JSON.stringify({ caps_directory: "caps", multi_cohort: false });
  for (const [name, content] of [
    ["train/split-0", list(1)],
    ["validation/split-0", list(2)],
    ["test", `${header}${rows(2).join("")}`],
  ] as const) {
    write(`groups/${name}/data.tsv`, content);
    write(`groups/${name}/maps.json`, group);
  }
  write("groups/train+validation.tsv", "participant_id\tsession_id\nsub-AD1\tses-M00\nsub-CN1\tses-M00\n");
}

/** Two sessions of each diagnosis, as NIfTI, in a CAPS, a BIDS dataset and a derivative of it. */
async function cohort(folder: string): Promise<void> {
  mkdirSync(join(folder, "labels"));
  let seed = 1;
  const scans: string[] = [];
  for (const diagnosis of ["AD", "CN"]) {
    const rows = [];
    for (const participant of [`sub-${diagnosis}1`, `sub-${diagnosis}2`]) {
      const session = join(folder, "caps/subjects", participant, "ses-M00/t1_linear");
      mkdirSync(session, { recursive: true });
      const name = `${participant}_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz`;
      const values = Float32Array.from({ length: voxels }, () => {
        seed = (seed * 48271) % 2147483647;
        return seed / 2147483647;
      });
      await writeVolume(join(session, name), values);
      const anat = join(participant, "ses-M00/anat", `${participant}_ses-M00`);
      await writeVolume(join(folder, "bids", `${anat}_T1w.nii.gz`), values);
      for (const space of ["", "_space-MNI152NLin2009cAsym_res-2"]) {
        const file = `${anat}${space}_desc-preproc_T1w.nii.gz`;
        await writeVolume(join(folder, "bids/derivatives/fmriprep", file), values);
      }
      const image = `bids/${anat}_T1w.nii.gz`;
      scans.push(`${participant}\tses-M00\t${diagnosis}\t${image}\n`);
      rows.push(`${participant}\tses-M00\t${diagnosis}\n`);
    }
    const list = `participant_id\tsession_id\tdiagnosis\n${rows.join("")}`;
    for (const file of [`${diagnosis}.tsv`, `${diagnosis}_baseline.tsv`]) {
      writeFileSync(join(folder, "labels", file), list);
    }
  }
  writeFileSync(join(folder, "scans.tsv"), `participant_id\tsession_id\tdiagnosis\timage\n${scans.join("")}`);
  const diagnosed = ["AD", "CN"].flatMap((one) => [`sub-${one}1\t${one}\n`, `sub-${one}2\t${one}\n`]);
  writeFileSync(join(folder, "bids/participants.tsv"), `participant_id\tdiagnosis\n${diagnosed.join("")}`);
  await writeVolume(join(folder, "template.nii.gz"), new Float32Array(voxels));
}

async function writeVolume(path: string, data: Float32Array): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await encodeNiftiGz({ data, shape, affine }, gzipInPool));
}
