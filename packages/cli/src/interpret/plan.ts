import { join, resolve } from "node:path";
import {
  type CapsImage,
  checkPreprocessing,
  classOfDiagnosis,
  type LabelTable,
  locateImages,
  type Preprocessing,
  readAffine,
  readLabels,
  readTrainingLabels,
} from "@voxplain/caps-io";
import { type Affine, type FileSource, VoxplainError } from "@voxplain/core";
import { findSelection, type ModelFolder, openModelFolder } from "@voxplain/model-loader";
import type { InterpretArguments } from "./options.ts";
import { capsFolder, filePlace, labelPlace, modelFolder, trainingPath } from "./places.ts";
import { refuseExisting } from "./result-folder.ts";

/** Everything that is known before the first image is read. */
export interface Plan {
  readonly arguments: InterpretArguments;
  /** The command as it was typed. */
  readonly command: readonly string[];
  readonly folder: ModelFolder;
  readonly caps: FileSource;
  readonly preprocessing: Preprocessing;
  readonly targetDiagnosis: string;
  readonly targetClass: number;
  /** Class of the sessions: they all have the same diagnosis. */
  readonly trueClass: number;
  readonly template?: Template;
  readonly tasks: readonly Task[];
}

export interface Template {
  readonly affine: Affine;
  readonly shape: readonly number[];
  readonly path: string;
}

/** One fold and selection: one network, one result. */
export interface Task {
  readonly fold: number;
  readonly selection: string;
  readonly labels: LabelTable;
  readonly labelPath: string;
  readonly images: readonly CapsImage[];
  readonly outputPath: string;
}

/**
 * Looks at the model, the labels and the images, and settles every option.
 * @throws VoxplainError before anything is computed or written, for whatever can be known by then.
 */
export async function planInterpretation(
  args: InterpretArguments,
  command: readonly string[],
): Promise<Plan> {
  checkName(args.name);
  const targetDiagnosis = args.target_diagnosis ?? args.diagnosis;
  const targetClass = classOfDiagnosis(targetDiagnosis);
  const trueClass = classOfDiagnosis(args.diagnosis);
  const folder = await openModelFolder(modelFolder(args.model_path));
  checkSupported(folder, args);

  const folds = new Set(args.folds ?? folder.folds.map(({ index }) => index));
  const selections = [...new Set(args.selection)];
  const networks = [...folds].flatMap((fold) => selections.map((selection) => ({ fold, selection })));
  for (const { fold, selection } of networks) findSelection(folder, fold, selection);
  const outputRoot = resolve(args.output_dir ?? args.model_path);
  const outputPath = (fold: number, selection: string) =>
    join(outputRoot, `fold-${fold}`, "gradients", selection, args.name);
  for (const { fold, selection } of networks) refuseExisting(outputPath(fold, selection), args.overwrite);

  const caps = capsFolder(
    args.caps_dir ?? trainingPath("caps_dir", folder.settings.capsDir, args.model_path, "caps_dir"),
  );
  const preprocessing = checkPreprocessing(folder.settings.preprocessing);
  const template = await readTemplate(args.nifti_template_path);
  const tasks: Task[] = [];
  // The networks of a fold share its list and its images.
  for (const fold of folds) {
    const { labels, labelPath } = await labelsOf(folder, fold, args);
    const images = await locateImages(caps, preprocessing, labels.sessions);
    for (const selection of selections) {
      tasks.push({ fold, selection, labels, labelPath, images, outputPath: outputPath(fold, selection) });
    }
  }
  return {
    arguments: args,
    command,
    folder,
    caps,
    preprocessing,
    targetDiagnosis,
    targetClass,
    trueClass,
    ...(template && { template }),
    tasks,
  };
}

async function labelsOf(folder: ModelFolder, fold: number, args: InterpretArguments) {
  const { diagnosis, baseline } = args;
  if (args.tsv_path !== undefined) {
    const { source, below, path } = labelPlace(args.tsv_path);
    return { labels: await readLabels(source, below, { diagnosis, baseline }), labelPath: path };
  }
  const { tsvPath, splitCount } = folder.settings;
  const { source, below, path } = labelPlace(trainingPath("tsv_path", tsvPath, args.model_path, "tsv_path"));
  const options = { diagnosis, baseline, splitCount, fold };
  return { labels: await readTrainingLabels(source, below, options), labelPath: path };
}

/** The name becomes a folder: it may not lead elsewhere. */
function checkName(name: string): void {
  if (!/^[^/\\\0]+$/.test(name) || name === "." || name === "..") {
    throw new VoxplainError(
      "invalid-argument",
      `"${name}" cannot be the name of a task: it becomes the name of a folder`,
    );
  }
}

/** What this version does not do fails here, in a sentence, and is never ignored. */
function checkSupported({ settings, source, folds }: ModelFolder, args: InterpretArguments): void {
  const refuse = (reason: string) => {
    throw new VoxplainError("unsupported", `${source.name}: ${reason}`);
  };
  if (args.multi_cohort) refuse("--multi_cohort is not supported yet: interpret the cohorts one by one");
  if (settings.multiCohort && (args.caps_dir === undefined || args.tsv_path === undefined)) {
    refuse("the model was trained on several cohorts: give the --caps_dir and --tsv_path of one of them");
  }
  if (settings.networkType === "autoencoder") {
    refuse("the model is an autoencoder: it has no class whose evidence could be shown");
  }
  if (settings.networkType !== "cnn") {
    refuse(`"network_type" is ${settings.networkType}: multi-CNN models are not supported yet`);
  }
  if (settings.mode !== "image") {
    refuse(`"mode" is ${settings.mode}: only models of whole images are supported yet`);
  }
  if (folds.length === 0) {
    throw new VoxplainError(
      "not-found",
      `${source.name} holds no fold: there is no folder fold-0, fold-1, … in it`,
    );
  }
}

async function readTemplate(path: string | undefined): Promise<Template | undefined> {
  if (path === undefined) return undefined;
  const { source, below, path: absolute } = filePlace(path, "nifti_template_path");
  return { ...(await readAffine(source, below)), path: absolute };
}
