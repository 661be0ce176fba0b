import { imagePaths } from "@voxplain/caps-io";
import { type Affine, type FileSink, type FileSource, memoryFiles, tensor } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { encodeNiftiGz } from "@voxplain/writers";

/** Voxels of the toy images. */
export const shape = [4, 4, 2] as const;

export const affine: Affine = [
  [2, 0, 0, -84],
  [0, 2, 0, -119],
  [0, 0, 2, -78],
  [0, 0, 0, 1],
];

export type Files = FileSource & FileSink;

/** Weights of class 1: what the gradient of its logit is. Those of class 0 are 0. */
export function weightsOf(size: number, seed = 0): Float32Array {
  return Float32Array.from({ length: size }, (_, k) => ((k * 7 + seed * 3) % 11) - 5);
}

/** A linear network: the last of its outputs is w·x − bias, the others are 0. */
async function linearNetwork(
  dims: readonly number[],
  weights: Float32Array,
  bias: number,
  outputs = 2,
): Promise<Uint8Array> {
  const graph = graphBuilder("toy");
  const x = graph.input("x", "float32", ["batch", ...dims]);
  const isLast = (k: number) => k % outputs === outputs - 1;
  const columns = Float32Array.from({ length: outputs * weights.length }, (_, k) =>
    isLast(k) ? (weights[Math.floor(k / outputs)] ?? 0) : 0,
  );
  const flat = graph.add("Flatten", [x]);
  const w = graph.initializer("w", tensor("float32", [weights.length, outputs], columns));
  const biases = Float32Array.from({ length: outputs }, (_, k) => (isLast(k) ? -bias : 0));
  const b = graph.initializer("b", tensor("float32", [outputs], biases));
  graph.output(graph.add("Gemm", [flat, w, b], {}, { outputs: ["logits"] }), "float32", ["batch", outputs]);
  return (await encodeModel(modelOf(graph.build()))).proto;
}

/** What a toy model differs in. */
export interface ToyModel {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Dims of one input; default: the whole image. */
  readonly dims?: readonly number[];
  /** A network for each of so many parts; default: one for all. */
  readonly networks?: number;
  readonly folds?: number;
  readonly bias?: number;
  /** Names of further files, with their text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A model folder of ClinicaDL 0.2 whose networks are linear. */
export async function toyModel(toy: ToyModel = {}): Promise<Files> {
  const { settings = {}, dims = [1, ...shape], networks, folds = 1, bias = 0, files = {} } = toy;
  const folder = memoryFiles(undefined, "model");
  const size = dims.reduce((product, length) => product * length, 1);
  const write = (path: string, text: string) => folder.write(path, new TextEncoder().encode(text));
  const known = {
    ...{ mode: "image", network_type: networks === undefined ? "cnn" : "multicnn", model: "Conv5_FC3" },
    ...{ preprocessing: "t1-linear", diagnoses: ["AD", "CN"], n_splits: 0, unnormalize: true },
  };
  await write("commandline.json", JSON.stringify({ ...known, ...settings }));
  for (let fold = 0; fold < folds; fold++) {
    for (let network = 0; network < (networks ?? 1); network++) {
      const own = networks === undefined ? "" : `cnn-${network}/`;
      const bytes = await linearNetwork(dims, weightsOf(size, network), bias);
      await folder.write(`fold-${fold}/models/${own}best_balanced_accuracy/model_best.onnx`, bytes);
    }
  }
  for (const [path, text] of Object.entries(files)) await write(path, text);
  return folder;
}

/** What a toy MAPS differs in. */
export interface ToyMaps extends Omit<ToyModel, "folds"> {
  /** Keys of the `preprocessing_dict` of maps.json. */
  readonly preprocessing?: Readonly<Record<string, unknown>>;
  /** The folder of each fold, and the metrics that chose its networks. Default: { "split-0": ["loss"] }. */
  readonly splits?: Readonly<Record<string, readonly string[]>>;
  /** Outputs of the network. Default: 2. */
  readonly outputs?: number;
}

/** A model folder of ClinicaDL 1.x whose networks are linear. Its classes are AD 0 and CN 1. */
export async function toyMaps(toy: ToyMaps = {}): Promise<Files> {
  const { settings = {}, preprocessing = {}, dims = [1, ...shape], networks, bias = 0 } = toy;
  const { files = {}, outputs = 2 } = toy;
  const folder = memoryFiles(undefined, "maps");
  const size = dims.reduce((product, length) => product * length, 1);
  const write = (path: string, text: string) => folder.write(path, new TextEncoder().encode(text));
  const known = {
    ...{ architecture: "Conv5_FC3", network_task: "classification", normalize: false },
    ...{ multi_network: networks !== undefined, label: "diagnosis", label_code: { AD: 0, CN: 1 } },
    ...{ diagnoses: ["AD", "CN"], input_size: dims, output_size: outputs, caps_directory: "caps" },
  };
  const mode = preprocessing.mode ?? "image";
  const images = { preprocessing: "t1-linear", mode, ...preprocessing };
  await write("maps.json", JSON.stringify({ ...known, mode, ...settings, preprocessing_dict: images }));
  for (const [split, metrics] of Object.entries(toy.splits ?? { "split-0": ["loss"] })) {
    for (const metric of metrics) {
      for (let network = 0; network < (networks ?? 1); network++) {
        const name = networks === undefined ? "model.onnx" : `network-${network}_model.onnx`;
        const bytes = await linearNetwork(dims, weightsOf(size, network), bias, outputs);
        await folder.write(`${split}/best-${metric}/${name}`, bytes);
      }
    }
  }
  for (const [path, text] of Object.entries(files)) await write(path, text);
  return folder;
}

/** The values of a toy image, different for each participant. */
export function valuesOf(participant: number): Float32Array {
  return Float32Array.from({ length: 32 }, (_, k) => ((k * 5 + participant * 13) % 17) / 16);
}

/** An image of a toy CAPS. */
export interface ToyImage {
  readonly values?: Float32Array;
  readonly shape?: readonly [number, number, number];
  readonly affine?: Affine;
}

/** A CAPS with a NIfTI image for each of sub-01, sub-02, …: undefined leaves one out. */
export async function toyCaps(images: readonly (ToyImage | undefined)[]): Promise<Files> {
  const caps = memoryFiles(undefined, "caps");
  for (const [k, image] of images.entries()) {
    if (image === undefined) continue;
    const { values: data = valuesOf(k + 1), shape: own = shape } = image;
    const bytes = await encodeNiftiGz({ data, shape: own, affine: image.affine ?? affine }, gzipInPool);
    await caps.write(niftiPath(k + 1), bytes);
  }
  return caps;
}

export function niftiPath(participant: number): string {
  const { nifti } = imagePaths({ preprocessing: "t1-linear" }, `sub-0${participant}`, "ses-M00");
  if (nifti === undefined) throw new RangeError("t1-linear images are NIfTI files");
  return nifti;
}

/** Label lists: participants by their numbers. */
export async function toyLabels(lists: Readonly<Record<string, readonly number[]>>): Promise<Files> {
  const labels = memoryFiles(undefined, "labels");
  for (const [diagnosis, participants] of Object.entries(lists)) {
    const rows = participants.map((participant) => `sub-0${participant}\tses-M00\n`);
    const text = `participant_id\tsession_id\n${rows.join("")}`;
    await labels.write(`${diagnosis}.tsv`, new TextEncoder().encode(text));
  }
  return labels;
}

/** Four patches of 2×2×2 voxels cover an image of 4×4×2, each voxel once. */
export const patches: ToyModel = {
  settings: { mode: "patch", patch_size: 2, stride_size: 2 },
  dims: [1, 2, 2, 2],
};
