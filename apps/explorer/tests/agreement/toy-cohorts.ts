import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Affine, elementCount, encodeNpy } from "@voxplain/core";
import { encodeNifti } from "@voxplain/writers";
import { network } from "./toy-networks.ts";

/** Voxels of an image, and what the networks take. */
const shape = [6, 5, 4] as const;

/** RAS, 1 mm, as t1-linear makes it. */
const affine: Affine = [
  [1, 0, 0, -90],
  [0, 1, 0, -125],
  [0, 0, 1, -72],
  [0, 0, 0, 1],
];

/** Different for each participant. */
function intensities(participant: number): Float32Array {
  return Float32Array.from(
    { length: elementCount(shape) },
    (_, k) => 100 + 90 * Math.sin(participant + 0.37 * k),
  );
}

const nifti = (participant: number) => encodeNifti({ data: intensities(participant), shape, affine });

/** The same image in FreeSurfer's format. */
function mgz(participant: number): Uint8Array {
  const bytes = new Uint8Array(284 + 4 * elementCount(shape));
  const view = new DataView(bytes.buffer);
  for (const [k, value] of [1, ...shape, 1, 3].entries()) view.setInt32(4 * k, value);
  view.setInt16(28, 1);
  const centre = affine.slice(0, 3).map((row, axis) => row[3] + (shape[axis] ?? 0) / 2);
  for (const [k, value] of [1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, ...centre].entries()) {
    view.setFloat32(30 + 4 * k, value);
  }
  const data = intensities(participant);
  const [sizeX, sizeY, sizeZ] = shape;
  let to = 284;
  for (let z = 0; z < sizeZ; z++) {
    for (let y = 0; y < sizeY; y++) {
      for (let x = 0; x < sizeX; x++) {
        view.setFloat32(to, data[(x * sizeY + y) * sizeZ + z] ?? 0);
        to += 4;
      }
    }
  }
  return gzipSync(bytes);
}

const people = [
  { id: "sub-01", diagnosis: "AD", sex: "F", age: 71.5 },
  { id: "sub-02", diagnosis: "CN", sex: "M", age: 68 },
  { id: "sub-03", diagnosis: "AD", sex: "M", age: 80.25 },
  { id: "sub-04", diagnosis: "MCI", sex: "F", age: 59 },
] as const;

/** Writes MAPS folders, a table with its images, a BIDS folder and a CAPS of the same people. */
export async function writeToyCohorts(folder: string): Promise<void> {
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  await maps((path, content) => write(`maps/${path}`, content), {
    ...{ network_task: "classification", label: "diagnosis", output_size: 3 },
    label_code: { AD: 0, CN: 1, MCI: 2 },
  });
  const regression = { network_task: "regression", label: "age", label_code: null, output_size: 1 };
  await maps((path, content) => write(`maps-age/${path}`, content), regression);
  await maps((path, content) => write(`maps-images/${path}`, content), {
    ...{ network_task: "reconstruction", label: null, label_code: null },
    ...{ architecture: "AE_Conv5_FC3", output_size: [1, ...shape] },
  });
  const endings = ["nii", "mgz", "npy", "nii.gz"];
  const rows = people.map(({ id, diagnosis, sex, age }, k) => {
    return [id, "ses-M00", diagnosis, sex, String(age), `images/${id}.${endings[k]}`];
  });
  const header = ["participant_id", "session_id", "diagnosis", "sex", "age", "image"];
  const missing = ["sub-05", "ses-M00", "CN", "M", "66", "images/sub-05.nii.gz"];
  write(
    "table/scans.csv",
    `\uFEFF${[header, ...rows, missing].map((row) => row.join(";")).join("\r\n")}\r\n`,
  );
  write("table/images/sub-01.nii", nifti(1));
  write("table/images/sub-02.mgz", mgz(2));
  write("table/images/sub-03.npy", encodeNpy({ dtype: "float32", dims: shape, data: intensities(3) }));
  write("table/images/sub-04.nii.gz", gzipSync(nifti(4)));
  write("bids/dataset_description.json", JSON.stringify({ Name: "Toy", BIDSVersion: "1.8.0" }));
  const participants = people.map(({ id, diagnosis, sex, age }) => [id, diagnosis, sex, age].join("\t"));
  const columns = ["participant_id", "diagnosis", "sex", "age"].join("\t");
  write("bids/participants.tsv", [columns, ...participants, "sub-06\tCN\tM\t70", ""].join("\n"));
  for (const [k, { id, diagnosis }] of people.entries()) {
    const scan = gzipSync(nifti(k + 1));
    write(`bids/${id}/ses-M00/anat/${id}_ses-M00_T1w.nii.gz`, scan);
    write(`bids/${id}/ses-M00/anat/${id}_ses-M00_FLAIR.nii.gz`, scan);
    const inCaps = `caps/subjects/${id}/ses-M00/t1_linear/${id}_ses-M00`;
    write(`${inCaps}_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz`, scan);
    write(`labels/${diagnosis}.tsv`, labelList(diagnosis));
  }
}

function labelList(diagnosis: string): string {
  const listed = people.filter((one) => one.diagnosis === diagnosis);
  const rows = listed.map(({ id, sex, age }) => `${id}\tses-M00\t${diagnosis}\t${sex}\t${age}`);
  return ["participant_id\tsession_id\tdiagnosis\tsex\tage", ...rows, ""].join("\n");
}

/** A folder as ClinicaDL 1.x leaves it, with an exported network beside where the weights would be. */
async function maps(
  write: (path: string, content: string | Uint8Array) => void,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const images = { preprocessing: "t1-linear", mode: "image", use_uncropped_image: false, prepare_dl: false };
  const options = {
    ...{ architecture: "Exported", mode: "image", multi_network: false, num_networks: 1, normalize: true },
    ...{
      input_size: [1, ...shape],
      selection_metrics: ["loss"],
      selection_threshold: 0,
      n_splits: 0,
      split: [],
    },
    ...{ caps_directory: "", tsv_path: "", multi_cohort: false, diagnoses: ["AD", "CN", "MCI"] },
    ...{ size_reduction: false, transfer_path: false, preprocessing_dict: images },
  };
  write("maps.json", JSON.stringify({ ...options, ...settings }, null, 4));
  write("environment.txt", "clinicadl==1.6.1\nnumpy==1.26.4\n");
  const output = settings.network_task === "regression" ? "one-logit" : "logits";
  write("split-0/best-loss/model.onnx", await network({ input: [1, ...shape], output }));
  const label = settings.label === null ? "" : `\t${String(settings.label)}`;
  const { diagnosis, age } = people[0];
  const value = settings.label === "age" ? `\t${age}` : settings.label === null ? "" : `\t${diagnosis}`;
  const list = `\tparticipant_id\tsession_id\tcohort${label}\n0\tsub-01\tses-M00\tsingle${value}\n`;
  const group = JSON.stringify({ caps_directory: "", multi_cohort: false });
  for (const name of ["train", "validation"]) {
    write(`groups/${name}/split-0/data.tsv`, list);
    write(`groups/${name}/split-0/maps.json`, group);
  }
  write("groups/train+validation.tsv", "participant_id\tsession_id\nsub-01\tses-M00\n");
}
