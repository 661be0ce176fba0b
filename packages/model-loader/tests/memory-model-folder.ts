import { type FileSource, memoryFiles } from "@voxplain/core";

/** What a file holds: bytes, text, or an object to be written as JSON. */
export type Content = Uint8Array | string | Readonly<Record<string, unknown>>;

/** A model folder in memory; text stands for files whose content does not matter. */
export function memoryModelFolder(files: Readonly<Record<string, Content>>): FileSource {
  const encoded = Object.entries(files).map(([path, content]): [string, Uint8Array] => {
    if (content instanceof Uint8Array) return [path, content];
    const text = typeof content === "string" ? content : JSON.stringify(content);
    return [path, new TextEncoder().encode(text)];
  });
  return memoryFiles(new Map(encoded), "/models/mine");
}

/** The least that a commandline.json has to say. */
export const commandline = {
  mode: "image",
  preprocessing: "t1-linear-downsampled",
  model: "Conv5_FC3_down",
} as const;

/** A maps.json as ClinicaDL 1.6 writes it, in a few of its keys. */
export const maps = {
  architecture: "Conv5_FC3",
  multi_network: false,
  selection_metrics: ["loss"],
  label: "diagnosis",
  label_code: { AD: 0, CN: 1 },
  selection_threshold: 0,
  multi_cohort: false,
  diagnoses: ["AD", "CN"],
  baseline: false,
  normalize: true,
  size_reduction: false,
  n_splits: 0,
  network_task: "classification",
  caps_directory: "../caps",
  tsv_path: "../labels",
  preprocessing_dict: {
    preprocessing: "t1-linear",
    mode: "image",
    use_uncropped_image: false,
    prepare_dl: false,
  },
  mode: "image",
  split: [],
  num_networks: 1,
  output_size: 2,
  input_size: [1, 169, 208, 179],
} as const;

/** As ClinicaDL 1.0.1 writes it: the options of the images are no object of their own, and some keys have older names. */
export const flatMaps = {
  architecture: "Conv5_FC3",
  multi_network: false,
  dropout: 0,
  latent_space_dimension: 64,
  selection_metrics: ["loss"],
  label: "diagnosis",
  selection_threshold: 0,
  minmaxnormalization: true,
  num_workers: 2,
  use_cpu: false,
  multi_cohort: false,
  diagnoses: ["AD", "CN"],
  baseline: false,
  transfer_path: "",
  n_splits: 0,
  optimizer: "Adam",
  preprocessing: "t1-linear",
  mode: "image",
  use_uncropped_image: false,
  prepare_dl: false,
  network_task: "classification",
  caps_directory: "/data/caps",
  tsv_path: "/data/labels",
  validation: "SingleSplit",
  num_networks: 1,
  label_code: { AD: 0, CN: 1 },
  output_size: 2,
  input_size: [1, 169, 208, 179],
} as const;
