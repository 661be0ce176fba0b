import { readFileSync } from "node:fs";
import { identityAffine } from "@voxplain/core";
import { isLong } from "../../../../tests/long-tests.ts";
import {
  elsewhere,
  gzipMembers,
  nifti,
  npy,
  withBrokenAffine,
  withNaN,
  withoutPosition,
} from "./toy-images.ts";
import { type NetworkKind, network } from "./toy-networks.ts";

/** A network, an image, and what is wanted of them: of the command by its options, of the page by its controls. */
export interface Pair {
  readonly claim: string;
  readonly model: NetworkKind | Uint8Array;
  /** The file of the image, by its name. */
  readonly image: readonly [name: string, bytes: Uint8Array];
  readonly template?: Uint8Array;
  readonly mask?: Uint8Array;
  readonly voxel?: readonly number[];
  readonly preprocess?: readonly string[];
  readonly target?: number;
  /** One value of the output, in the place of a class. */
  readonly value?: readonly number[];
  readonly method?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** What the sentence of both contains, where neither gives a map. */
  readonly refused?: RegExp;
}

const fixtures = new URL("../../../../packages/cli/tests/fixtures/", import.meta.url);
const stored = (path: string) => Uint8Array.from(readFileSync(new URL(path, fixtures)));
const fixture = (folder: "onnx" | "pictures", name: string) => [name, stored(`${folder}/${name}`)] as const;
const text = (content: string) => new TextEncoder().encode(content);

const volumes: NetworkKind = { input: [1, 6, 5, 4] };
const shape = [6, 5, 4] as const;
const grey: NetworkKind = { input: [1, 5, 6] };
const colours: NetworkKind = { input: [3, 5, 6] };
const array = ["image.npy", npy(6, 5, 4)] as const;
const placed = ["image.nii", nifti(shape)] as const;
const grid: NetworkKind = { ...volumes, output: "grid" };

/** 1 in a corner of the volume, 0 elsewhere. */
const mask = () => {
  const bytes = nifti(shape);
  const view = new DataView(bytes.buffer);
  for (let at = 352; at < bytes.length; at += 4) view.setFloat32(at, at < 352 + 4 * 30 ? 1 : 0, true);
  return bytes;
};

const ofAxes: readonly Pair[] = [
  { claim: "an array [X, Y, Z]", model: volumes, image: array },
  { claim: "an array with a channel", model: volumes, image: ["image.npy", npy(1, 6, 5, 4)] },
  { claim: "an array with a batch of one", model: volumes, image: ["image.npy", npy(1, 1, 6, 5, 4)] },
  { claim: "an array with more axes of one", model: volumes, image: ["image.npy", npy(1, 1, 1, 6, 5, 4)] },
  { claim: "two channels", model: { input: [2, 6, 5, 4] }, image: ["image.npy", npy(2, 6, 5, 4)] },
  { claim: "a picture as an array", model: grey, image: ["image.npy", npy(5, 6)] },
  { claim: "a tensor file", model: stored("onnx/volume.onnx"), image: fixture("onnx", "volume.pt") },
  {
    claim: "a NIfTI of two volumes",
    model: stored("onnx/vector.onnx"),
    image: fixture("onnx", "modalities.nii.gz"),
  },
  { claim: "a NIfTI of a slice", model: stored("onnx/points.onnx"), image: fixture("onnx", "slice.nii.gz") },
  {
    claim: "channels last, as Keras has them",
    model: { input: [3, 5, 6], channelsLast: true },
    image: ["image.npy", npy(5, 6, 3)],
  },
  {
    claim: "channels last in three dimensions",
    model: { input: [1, 6, 5, 4], channelsLast: true },
    image: ["image.npy", npy(6, 5, 4, 1)],
  },
  { claim: "lengths that the network leaves open", model: { input: [1, null, null, null] }, image: array },
  { claim: "a network of one image at a time", model: { ...volumes, batch: 1 }, image: array },
];

const ofPositions: readonly Pair[] = [
  { claim: "a NIfTI with an affine", model: volumes, image: placed },
  { claim: "a compressed NIfTI", model: volumes, image: ["image.nii.gz", gzipMembers(nifti(shape), 1)] },
  { claim: "several gzip members", model: volumes, image: ["image.nii.gz", gzipMembers(nifti(shape), 3)] },
  { claim: "both codes 0", model: volumes, image: ["image.nii", withoutPosition(nifti(shape))] },
  { claim: "exactly the identity", model: volumes, image: ["image.nii", nifti(shape, identityAffine)] },
  { claim: "a template for an array", model: volumes, image: array, template: nifti(shape) },
  { claim: "a template elsewhere", model: volumes, image: placed, template: nifti(shape, elsewhere) },
  {
    claim: "a template for a broken affine",
    model: volumes,
    image: ["image.nii", withBrokenAffine(nifti(shape))],
    template: nifti(shape, elsewhere),
  },
];

const ofPreprocessing: readonly Pair[] = [
  ...[["min-max"], ["z-score"], ["none"], ["scale=0.01", "mean=0.5", "std=0.25"]].map(
    (preprocess): Pair => ({ claim: preprocess.join(" "), model: volumes, image: placed, preprocess }),
  ),
  {
    claim: "another grid, resized, its affine too",
    model: volumes,
    image: ["image.nii", nifti([9, 7, 5])],
    preprocess: ["resize=6,5,4", "z-score"],
  },
  { claim: "what the model states", model: { ...volumes, preprocess: "min-max" }, image: array },
  {
    claim: "what the user says in the place of what the model states",
    model: { ...volumes, preprocess: "min-max" },
    image: array,
    preprocess: ["z-score"],
  },
  {
    claim: "the stored values, asked for in the place of what the model states",
    model: { ...volumes, preprocess: "min-max" },
    image: array,
    preprocess: ["none"],
  },
];

const ofPictures: readonly Pair[] = [
  { claim: "a colour PNG", model: colours, image: fixture("pictures", "rgb.png") },
  { claim: "a grey PNG", model: grey, image: fixture("pictures", "grey.png") },
  {
    claim: "a grey PNG, made three channels when asked",
    model: colours,
    image: fixture("pictures", "grey.png"),
    preprocess: ["rgb"],
  },
  {
    claim: "a colour PNG, made grey when asked",
    model: grey,
    image: fixture("pictures", "rgb.png"),
    preprocess: ["grey"],
  },
  { claim: "a PNG of 16 bits", model: grey, image: fixture("pictures", "sixteen.png") },
  { claim: "a PNG with gamma", model: colours, image: fixture("pictures", "gamma.png") },
  { claim: "a JPEG with a profile", model: colours, image: fixture("pictures", "profile.jpg") },
  {
    claim: "a PNG whose opacity the network does not take",
    model: colours,
    image: fixture("pictures", "opacity.png"),
  },
  { claim: "a PNG with its opacity", model: { input: [4, 5, 6] }, image: fixture("pictures", "opacity.png") },
  {
    claim: "a PNG and channels last",
    model: { ...colours, channelsLast: true },
    image: fixture("pictures", "rgb.png"),
  },
  {
    claim: "bytes as they are stored",
    model: { ...colours, dtype: "uint8" },
    image: fixture("pictures", "rgb.png"),
  },
];

const ofOutputs: readonly Pair[] = [
  {
    claim: "softmax inside",
    model: { ...volumes, output: "softmax" },
    image: array,
    preprocess: ["z-score"],
  },
  {
    claim: "one probability",
    model: { ...volumes, output: "sigmoid" },
    image: array,
    preprocess: ["z-score"],
  },
  { claim: "one score of a box", model: { ...volumes, output: "boxes" }, image: array, value: [3, 1] },
  {
    claim: "one logit",
    model: { ...volumes, output: "one-logit" },
    image: array,
    target: 1,
    preprocess: ["z-score"],
  },
  {
    claim: "one probability, class 0",
    model: { ...volumes, output: "sigmoid" },
    image: array,
    target: 0,
    preprocess: ["z-score"],
  },
  {
    claim: "a regression",
    model: { ...volumes, output: "vector" },
    image: array,
    target: 1,
    preprocess: ["z-score"],
  },
  {
    claim: "classes in a point",
    model: { ...volumes, output: "classes-in-a-point" },
    image: array,
    preprocess: ["z-score"],
  },
  { claim: "a class for each voxel", model: grid, image: placed, preprocess: ["z-score"] },
  {
    claim: "a class for each pixel",
    model: { ...grey, output: "grid" },
    image: ["image.npy", npy(5, 6)],
    target: 2,
  },
  { claim: "a class for each voxel, in a mask", model: grid, image: placed, target: 2, mask: mask() },
  { claim: "a class for each voxel, at one", model: grid, image: placed, target: 1, voxel: [2, 3, 1] },
  { claim: "a class for each voxel, one value of it", model: grid, image: placed, value: [2, 1, 3, 1] },
  {
    claim: "one score of a box, of a network of open lengths",
    model: { input: [1, null, null, null], output: "boxes" },
    image: array,
    value: [0, 1],
  },
  { claim: "another class than the predicted one", model: volumes, image: array, target: 2 },
];

const ofMethods: readonly Pair[] = [
  {
    claim: "integrated gradients",
    model: volumes,
    image: placed,
    method: "integrated-gradients",
    options: { steps: "8" },
  },
  {
    claim: "occlusion",
    model: colours,
    image: fixture("pictures", "rgb.png"),
    method: "occlusion",
    options: { window: "2" },
  },
  { claim: "Grad-CAM", model: volumes, image: placed, method: "grad-cam" },
  {
    claim: "SmoothGrad with a seed",
    model: volumes,
    image: placed,
    method: "smoothgrad",
    options: { samples: "4", seed: "3" },
  },
  { claim: "LRP", model: volumes, image: placed, method: "lrp" },
  {
    claim: "absolute gradients",
    model: colours,
    image: fixture("pictures", "rgb.png"),
    method: "absolute-gradients",
  },
];

const broken: readonly Pair[] = [
  {
    claim: "a truncated array",
    model: volumes,
    image: ["image.npy", array[1].subarray(0, 200)],
    refused: /image\.npy/,
  },
  { claim: "an empty array", model: volumes, image: ["image.npy", new Uint8Array()], refused: /image\.npy/ },
  {
    claim: "a truncated NIfTI",
    model: volumes,
    image: ["image.nii", placed[1].subarray(0, 400)],
    refused: /image\.nii/,
  },
  {
    claim: "a truncated gzip",
    model: volumes,
    image: ["image.nii.gz", gzipMembers(nifti(shape), 1).subarray(0, 200)],
    refused: /image\.nii\.gz/,
  },
  {
    claim: "text that is called NIfTI",
    model: volumes,
    image: ["image.nii", text("no image")],
    refused: /image\.nii/,
  },
  {
    claim: "text that is called PNG",
    model: grey,
    image: ["image.png", text("no picture")],
    refused: /image\.png/,
  },
  {
    claim: "a truncated PNG",
    model: colours,
    image: ["rgb.png", stored("pictures/rgb.png").subarray(0, 60)],
    refused: /rgb\.png/,
  },
  {
    claim: "a voxel that is NaN",
    model: volumes,
    image: ["image.npy", withNaN(npy(6, 5, 4))],
    refused: /NaN/,
  },
  { claim: "another shape", model: volumes, image: ["image.npy", npy(6, 5, 5)], refused: /shape/ },
  {
    claim: "a batch of two",
    model: volumes,
    image: ["image.npy", npy(2, 1, 6, 5, 4)],
    refused: /image\.npy/,
  },
  { claim: "a volume for a network of pictures", model: grey, image: array, refused: /image\.npy/ },
  {
    claim: "a broken affine",
    model: volumes,
    image: ["image.nii", withBrokenAffine(nifti(shape))],
    refused: /sform/,
  },
  {
    claim: "a template of another shape",
    model: volumes,
    image: placed,
    template: nifti([6, 5, 5]),
    refused: /template/,
  },
  {
    claim: "colours for a grey network",
    model: grey,
    image: fixture("pictures", "rgb.png"),
    refused: /grey/,
  },
  {
    claim: "grey for a network of colours",
    model: colours,
    image: fixture("pictures", "grey.png"),
    refused: /rgb/,
  },
  { claim: "an unknown step", model: volumes, image: array, preprocess: ["whiten"], refused: /whiten/ },
  { claim: "an unknown class", model: volumes, image: array, target: 7, refused: /class/ },
  {
    claim: "a truncated network",
    model: stored("onnx/volume.onnx").subarray(0, 900),
    image: array,
    refused: /model\.onnx/,
  },
  { claim: "text that is called ONNX", model: text("no network"), image: array, refused: /model\.onnx/ },
  {
    claim: "an operator without a gradient",
    model: { ...volumes, withoutGradient: true },
    image: array,
    refused: /Hardmax/,
  },
  { claim: "a weight that is NaN", model: { ...volumes, notFinite: true }, image: array, refused: /NaN/ },
  {
    claim: "a mask of another shape",
    model: grid,
    image: placed,
    target: 1,
    mask: nifti([6, 5, 5]),
    refused: /mask/,
  },
  {
    claim: "a box outside",
    model: { ...volumes, output: "boxes" },
    image: array,
    value: [4, 0],
    refused: /outside the output/,
  },
  {
    claim: "scores of boxes of which none is chosen",
    model: { ...volumes, output: "boxes" },
    image: array,
    refused: /not one logit per class/,
  },
  { claim: "a voxel outside", model: grid, image: placed, target: 1, voxel: [9, 0, 0], refused: /voxel/ },
];

const kinds = [ofAxes, ofPositions, ofPreprocessing, ofPictures, ofOutputs, ofMethods, broken];

/** All pairs of every kind. */
export const allPairs: readonly Pair[] = kinds.flat();

/** All of them in a long run, else some of every kind. */
export const pairs: readonly Pair[] = isLong ? allPairs : kinds.flatMap((kind) => kind.slice(0, 4));

/** The files of a pair, by their names. */
export async function filesOf(pair: Pair): Promise<ReadonlyMap<string, Uint8Array>> {
  const model = pair.model instanceof Uint8Array ? pair.model : await network(pair.model);
  const files = new Map<string, Uint8Array>([["model.onnx", model], pair.image]);
  if (pair.template !== undefined) files.set("template.nii", pair.template);
  if (pair.mask !== undefined) files.set("mask.nii", pair.mask);
  return files;
}
