import type { CapsImages } from "@voxplain/core";
import { expectedInputDims } from "../settings/expected-input.ts";
import type { Mode, NetworkType, Task } from "../settings/settings.ts";
import type { ModelFolder } from "./folder-content.ts";
import type { Program } from "./program.ts";
import type { SurveyedNetwork } from "./survey-folder.ts";

/** What there is to know of a model folder, for people who choose or report a model. */
export interface FolderFacts {
  /** The folder, as its source names it. */
  readonly name: string;
  /** What wrote it. */
  readonly program: Program;
  /** undefined where a random search drew it and no network could be loaded. */
  readonly architecture: string | undefined;
  /** What the output of the networks is. */
  readonly task: Task;
  /** The column that the networks were trained to predict; undefined for a reconstruction. */
  readonly label: string | undefined;
  /** What a network sees. */
  readonly mode: Mode;
  /** One network, or one per part. */
  readonly networkType: NetworkType;
  /** The images of a CAPS that the networks were trained on. */
  readonly images: CapsImages;
  /** Whether the training brought intensities to [0, 1] by their minimum and maximum. */
  readonly normalize: boolean;
  /** Dims of one input, [C, X, Y, Z] or [C, H, W]; undefined where they depend on the image. */
  readonly inputDims: readonly number[] | undefined;
  /** Numbers that one network learnt; undefined where none could be loaded. */
  readonly parameterCount: number | undefined;
  /** Number of logits of one network; undefined where none could be loaded. */
  readonly classCount: number | undefined;
  /** Parts of each image, where the training recorded them. */
  readonly partCount: number | undefined;
  /** The diagnoses of the training; empty where they are not recorded. */
  readonly diagnoses: readonly string[];
  /** The images of the training, as recorded: most often a path on the computer of the training. */
  readonly capsDir: string | undefined;
  /** The label lists of the training, as recorded. */
  readonly tsvPath: string | undefined;
  /** The existing folds, by number, each with its networks by selection and part. */
  readonly folds: readonly SurveyedFold[];
  /** Sentences: what is missing or odd in the folder, then why networks could not be loaded. */
  readonly problems: readonly string[];
}

/** A fold with its networks. */
export interface SurveyedFold {
  /** Its number: 0 for "fold-0". */
  readonly index: number;
  /** Its folder. */
  readonly name: string;
  /** By selection and part. */
  readonly networks: readonly SurveyedNetwork[];
}

/**
 * The facts of a model folder, from its settings and from what its networks hold.
 * @param networks - What {@link surveyFolder} found in the folder.
 */
export function describeFolder(
  { source, program, settings, folds, missing }: ModelFolder,
  networks: readonly SurveyedNetwork[],
): FolderFacts {
  const { mode, networkType, images, normalize, diagnoses, capsDir, tsvPath } = settings;
  const loaded = networks.find((network) => network.loaded !== undefined)?.loaded;
  const notes = networks.flatMap(({ loaded: facts }) => facts?.notes ?? []);
  const problems = networks.flatMap(({ problem }) => (problem === undefined ? [] : [problem.message]));
  return {
    ...{
      name: source.name,
      program,
      label: settings.label,
      partCount: settings.partCount,
      mode,
      networkType,
      images,
      normalize,
      diagnoses,
      capsDir,
      tsvPath,
    },
    architecture: loaded?.architecture ?? settings.architecture,
    task: settings.task,
    inputDims: loaded?.inputDims ?? expectedInputDims(settings),
    parameterCount: loaded?.parameterCount,
    classCount: loaded?.classCount,
    folds: folds.map(({ index, name }) => ({
      index,
      name,
      networks: networks.filter(({ fold }) => fold === index),
    })),
    // What is wrong with the folder is the same for each of its networks.
    problems: [...new Set([...missing, ...notes, ...problems])],
  };
}
