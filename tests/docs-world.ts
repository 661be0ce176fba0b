// The files that the pages of the documentation speak of, small: a model folder, a CAPS, a BIDS dataset, lists, an atlas, ONNX networks.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Affine, elementCount } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { buildNetwork } from "@voxplain/model-loader";
import { encodeModel } from "@voxplain/onnx-graph";
import { networkFixture } from "../packages/model-loader/tests/network-fixtures.ts";
import { encodeNiftiGz } from "../packages/writers/src/index.ts";
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
  cpSync(join(root, "packages/cli/tests/fixtures/onnx"), folder, {
    recursive: true,
    filter: (path) => !/\.(py|json)$/.test(path),
  });
  cpSync(join(folder, "volume.onnx"), join(folder, "network.onnx"));
  await modelFolder(join(folder, "my_model"));
  await cohort(folder);
  await writeVolume(
    join(folder, "atlas.nii.gz"),
    Float32Array.from({ length: voxels }, (_, k) => k % 7),
  );
}

/** A network of the random search, exported to ONNX. */
async function modelFolder(folder: string): Promise<void> {
  const { settings, stateDict, inputDims } = networkFixture("random_3d_batch_pool");
  const { model } = buildNetwork(settings, stateDict, inputDims);
  const selection = join(folder, "fold-0/models/best_balanced_accuracy");
  mkdirSync(selection, { recursive: true });
  writeFileSync(
    join(selection, "model_best.onnx"),
    (await encodeModel(model, { externalData: "inline" })).proto,
  );
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

/** Two sessions of each diagnosis, as NIfTI, in a CAPS, a BIDS dataset and a derivative of it. */
async function cohort(folder: string): Promise<void> {
  mkdirSync(join(folder, "labels"));
  let seed = 1;
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
      rows.push(`${participant}\tses-M00\t${diagnosis}\n`);
    }
    const list = `participant_id\tsession_id\tdiagnosis\n${rows.join("")}`;
    for (const file of [`${diagnosis}.tsv`, `${diagnosis}_baseline.tsv`]) {
      writeFileSync(join(folder, "labels", file), list);
    }
  }
  const diagnosed = ["AD", "CN"].flatMap((one) => [`sub-${one}1\t${one}\n`, `sub-${one}2\t${one}\n`]);
  writeFileSync(join(folder, "bids/participants.tsv"), `participant_id\tdiagnosis\n${diagnosed.join("")}`);
  await writeVolume(join(folder, "template.nii.gz"), new Float32Array(voxels));
}

async function writeVolume(path: string, data: Float32Array): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await encodeNiftiGz({ data, shape, affine }, gzipInPool));
}
