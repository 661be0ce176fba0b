import { basename, resolve } from "node:path";
import {
  type ChannelImage,
  choosePreprocessing,
  imageInput,
  parsePreprocessing,
  placedGrid,
  readImageFile,
  readMask,
  readTemplate,
  type StatedPreprocessing,
  type Template,
  voxelSizeOf,
} from "@voxplain/caps-io";
import { isVoxplainError, type ModelRuntime, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { refuseExisting, startResult } from "@voxplain/core/node";
import {
  type ImageNetworkFile,
  type OutputRegion,
  openImageNetwork,
  type TrainedNetwork,
} from "@voxplain/model-loader";
import {
  type ChosenMethod,
  checkDifferentiable,
  createMethod,
  type DifferentiableModel,
  differentiableModel,
  type Explained,
  explain,
  methodEntries,
  predictEach,
  type Refinement,
  refinementWarning,
  runWarnings,
} from "@voxplain/saliency";
import { chooseChecks, type MapCheck } from "@voxplain/study";
import { fileAt } from "@voxplain/study/node";
import { encodeTable } from "@voxplain/writers";
import { type CheckedOf, writeChecks } from "../checks/write-checks.ts";
import { checkRequest, methodTexts } from "../command-line/method-flags.ts";
import { mapValues, warningColumn, warningValue } from "../job/predictions.ts";
import { writeRecords } from "../job/record.ts";
import { recordedFiles, sha256OfFile } from "../job/recorded-files.ts";
import { sentence } from "../job/sentence.ts";
import { stopwatch } from "../job/stopwatch.ts";
import { warningsOn } from "../job/warnings.ts";
import { progressOn } from "../progress.ts";
import { type Companions, companions, type InputSettings, readInputGrids } from "./image-grids.ts";
import { imageName } from "./image-name.ts";
import { imageSources } from "./image-sources.ts";
import type { ExplainArguments } from "./options.ts";
import { writeExplanation } from "./write-explanation.ts";

/** Explains images with a network of an ONNX file; gives the folder of the results. */
export async function explainImages(
  args: ExplainArguments,
  runtime: ModelRuntime,
  command: readonly string[],
): Promise<string> {
  const started = new Date();
  const clock = stopwatch();
  checkDistinct(args.images);
  const { source, below } = fileAt(args.model, "model");
  const open = await openImageNetwork(source, below);
  const preprocessing = choosePreprocessing(
    args.preprocess && parsePreprocessing(args.preprocess),
    statedPreprocessing(open),
  );
  const outputPath = resolve(args.output_dir ?? `${basename(args.model, ".onnx")}_${args.method}`);
  refuseExisting(outputPath, args.overwrite);

  const template = await templateOf(args);
  const settings = { spec: open, steps: preprocessing.steps, template };
  const prepare = preparation(settings);
  const { grids, warnings: ofGrids } = await readInputGrids(args.images, settings);
  const first = await prepare(args.images[0]!);
  const used = companions();
  const region = await regionOf(args, open.lengths.length - 1, used);
  const openFor = opener(args, open, prepare, { runtime, used, region });
  const { network, method } = await openFor(first);
  const ofCompanions = used.check(grids.map((grid) => placedGrid(grid, template)));
  const result = await startResult(outputPath);
  const files = recordedFiles(result.files);
  const progress = progressOn(process.stderr, basename(args.model), args.images.length, "image");
  const warnings = warningsOn(progress);
  for (const warning of [preprocessing.note ?? [], ofGrids, ofCompanions].flat()) warnings.add(warning);
  if (network.meanOver !== undefined) {
    warnings.add(
      `${basename(args.model)} gives a grid of [${network.meanOver.join(", ")}] for each class: ` +
        `what is explained is ${regionText(region)}`,
    );
  }
  const ofMaps = runWarnings();
  const found: Pick<Explained<unknown>, "warnings">[] = [];
  const rows: Record<string, string | number>[] = [];
  const refinements: (Refinement | undefined)[] = [];
  const checked: CheckedOf[] = [];
  const inputs: { participant: null; session: null; file: string; sha256: string }[] = [];
  try {
    for (const path of args.images) {
      const image = path === args.images[0] ? first : await prepare(path);
      const { values, affine } = image;
      for (const warning of image.warnings) warnings.add(warning);
      const { network, model, method, check } = await openFor(image);
      const name = imageName(path);
      const { target, ...explained } = await explainOne(model, method, { path, values }, args);
      const asked = isIndex(args.target) ? args.target.join(",") : target;
      const title = `${name}: ${args.method}, ${isIndex(args.target) ? "output" : "class"} ${asked}`;
      const { map, delta } = explained;
      ofMaps.add(name, explained.warnings, explained.prediction.logits);
      if (values.dims.length === 4 && affine === undefined) {
        warnings.add(
          `the position of the voxels of ${name} is unknown: its map gets the identity as its affine; ` +
            "name an image on the same grid with --nifti_template_path",
        );
      }
      await writeExplanation(files, { name, map, input: values, affine, title, vmax: args.vmax });
      rows.push({ ...rowOf(path, asked, explained), ...warningValue(explained.warnings) });
      found.push({ warnings: explained.warnings });
      refinements.push(explained.refinement);
      if (check !== undefined) {
        const batch = (one: Tensor<"float32">) => tensor("float32", [1, ...one.dims], one.data);
        const ofMap = { network, model, input: batch(values), map: batch(map), target };
        const result = await check({ ...ofMap, ...(delta !== undefined && { delta }) });
        checked.push({ identity: { image: basename(path) }, result });
      }
      inputs.push({ participant: null, session: null, ...(await hashed(path)) });
      progress.step();
    }
    const unrefined = refinementWarning(refinements);
    if (unrefined !== undefined) warnings.add(unrefined);
    clock.lap("explaining");
    const columns = Object.keys(rows[0]!).filter((column) => column !== "warnings");
    await files.write("predictions.tsv", encodeTable([...columns, ...warningColumn(found)], rows));
    for (const warning of ofMaps.sentences()) warnings.add(warning);
    if (checked.length > 0) await writeChecks(files, checked);
    await writeRecords(files, {
      ...{ runtime, command, threads: args.threads, inputs, warnings: warnings.list, started },
      options: { task: "explain", ...args, method_options: method.options },
      seed: method.seed,
      model: {
        ...(await hashed(args.model)),
        ...{ architecture: network.architecture, fold: null, selection: null, epoch: null },
        parameters: network.parameterCount,
      },
      durations: clock.seconds,
    });
    await openFor.release();
    await result.publish();
    return outputPath;
  } catch (error) {
    await openFor.release();
    result.discard();
    throw error;
  } finally {
    progress.end();
  }
}

/** The network on the grid of an image, and what depends on that. */
interface Opened {
  readonly grid: string;
  readonly network: TrainedNetwork;
  readonly model: DifferentiableModel;
  readonly method: ChosenMethod;
  readonly check: MapCheck | undefined;
}

/** Opens the network for an image; that of the image before stays open where their grids are the same. */
function opener(
  args: ExplainArguments,
  file: ImageNetworkFile,
  prepare: Prepare,
  {
    runtime,
    used,
    region,
  }: { readonly runtime: ModelRuntime; readonly used: Companions; readonly region: OutputRegion },
) {
  const { output, target } = args;
  const checks = checkRequest(args);
  let opened: Opened | undefined;
  const openFor = async ({ values: { dims: inputDims }, affine }: ChannelImage): Promise<Opened> => {
    const grid = JSON.stringify([inputDims, voxelSizeOf(affine)]);
    if (opened?.grid === grid) return opened;
    await opened?.model.release();
    const network = file.network({
      ...{ inputDims, region },
      ...(isIndex(target) && { index: target }),
      ...(output !== undefined && { output }),
    });
    // Names all operators without a gradient, before anything runs.
    const texts = methodTexts(args);
    const [outer, inner] = methodEntries(args.method, texts);
    if ((inner ?? outer).needs === "gradient") checkDifferentiable(network);
    const toInput = async (path: string) => (await prepare(path, inputDims)).values;
    const method = await createMethod(
      args.method,
      texts,
      imageSources(toInput, affine, inputDims.length - 1, used),
    );
    const check = checks && chooseChecks(checks, method.compute, runtime);
    opened = { grid, network, model: differentiableModel(network, runtime), method, check };
    return opened;
  };
  return Object.assign(openFor, { release: async () => opened?.model.release() });
}

/** Explains the class that was asked for, or the predicted one. */
async function explainOne(
  model: DifferentiableModel,
  method: ChosenMethod,
  { path, values: input }: { readonly path: string; readonly values: Tensor<"float32"> },
  { target: wanted, model: file }: ExplainArguments,
): Promise<Explained<unknown> & { readonly target: number }> {
  const items = [{ input, name: path }];
  const predicted = async () => {
    for await (const { prediction } of predictEach(model, items, { batchSize: 1 })) return prediction;
    throw new RangeError("one image has one prediction");
  };
  try {
    const chosen = isIndex(wanted) ? 0 : wanted;
    const target = chosen ?? (await predicted()).predictedClass;
    const options = { method: method.compute, target, batchSize: 1 };
    for await (const explained of explain(model, items, options)) return { ...explained, target };
    throw new RangeError("one image has one explanation");
  } catch (error) {
    if (!isVoxplainError(error, "not-finite")) throw error;
    throw new VoxplainError(error.code, `${sentence(error.message)} The network is ${file}`, {
      cause: error,
    });
  }
}

/** Whether one value of the output is asked for, in the place of a class. */
function isIndex(target: ExplainArguments["target"]): target is readonly number[] {
  return typeof target === "object";
}

async function templateOf({ nifti_template_path: path }: ExplainArguments): Promise<Template | undefined> {
  if (path === undefined) return undefined;
  const { source, below } = fileAt(path, "nifti_template_path");
  return readTemplate(source, below);
}

/**
 * The positions of a dense output that are explained.
 * @param axes - Spatial axes of the images.
 * @param used - Gets the grid of the mask.
 */
async function regionOf(
  { target_mask: mask, target_voxel: voxel }: ExplainArguments,
  axes: number,
  used: Companions,
): Promise<OutputRegion> {
  if (mask !== undefined && voxel !== undefined) {
    throw new VoxplainError("invalid-argument", "--target_mask and --target_voxel cannot be combined");
  }
  if (voxel !== undefined) return { voxel };
  if (mask === undefined) return "grid";
  const { source, below } = fileAt(mask, "target_mask");
  const { grid, ...read } = await readMask(source, below, axes);
  used.add({ ...grid, needs: "position" });
  return { mask: read };
}

function regionText(region: OutputRegion): string {
  if (region === "grid") return "the mean over its positions";
  return "mask" in region ? `the mean over ${region.mask.name}` : `the voxel ${region.voxel.join(",")}`;
}

/** Reads an image and makes the network's input of it, of the wanted shape where one is given. */
type Prepare = (path: string, wanted?: readonly number[]) => Promise<ChannelImage>;

function preparation({ spec, steps, template }: InputSettings): Prepare {
  return async (path, wanted) => {
    const { source, below } = fileAt(path, "image");
    const lengths = wanted ?? spec.lengths;
    const image = imageInput(await readImageFile(source, below), { ...spec, lengths }, steps);
    const { affine: own, ...unplaced } = image;
    const shape = image.values.dims.slice(1);
    const { affine } = placedGrid({ ...unplaced, name: path, shape, ...(own && { affine: own }) }, template);
    return { ...unplaced, ...(affine && { affine }) };
  };
}

function statedPreprocessing({ name, preprocessing }: ImageNetworkFile): StatedPreprocessing | undefined {
  return preprocessing && { steps: parsePreprocessing(preprocessing), source: `the metadata of ${name}` };
}

function rowOf(path: string, target: number | string, { prediction, ...map }: Explained<unknown>) {
  const { logits, probabilities, predictedClass } = prediction;
  return {
    image: basename(path),
    explained_class: target,
    ...(probabilities.length > 0 && { predicted_class: predictedClass }),
    ...Object.fromEntries(logits.map((logit, k) => [`logit${k}`, logit])),
    ...Object.fromEntries(probabilities.map((p, k) => [`proba${k}`, p])),
    ...mapValues(map),
  };
}

/** Results are called after their images. */
function checkDistinct(paths: readonly string[]): void {
  const names = new Map<string, string>();
  for (const path of paths) {
    const name = imageName(path);
    const other = names.get(name);
    if (other !== undefined) {
      throw new VoxplainError(
        "invalid-argument",
        `${other} and ${path} would both write ${name}.npy: explain them one after the other, into two folders`,
      );
    }
    names.set(name, path);
  }
}

async function hashed(path: string) {
  const { source, below, path: file } = fileAt(path, "image");
  return { file, sha256: await sha256OfFile(source, below) };
}
