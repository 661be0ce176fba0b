import type { ChosenPreprocessing, PartSettings, PreprocessingStep } from "@voxplain/caps-io";
import type { CapsImages, FileSource, VoxplainError } from "@voxplain/core";
import type { DataGroup, LoadedNetwork, OutputRegion } from "@voxplain/model-loader";
import type { VotingWeights } from "@voxplain/saliency";

/** One of the networks that a model holds. An ONNX file has exactly one, without a fold. */
export interface NetworkChoice {
  /** Number of the cross-validation fold that it was trained in. */
  readonly fold?: number;
  /** The folder of the fold: "fold-0", "split-0". */
  readonly foldName?: string;
  /** The metric that chose it among the epochs: "best_loss", … */
  readonly selection?: string;
}

/** Which networks are wanted. */
export interface NetworkQuery {
  /** Default: every fold. */
  readonly folds?: readonly number[] | undefined;
  /** Default: "best_balanced_accuracy"; in a fold without it the only existing selection, else "best_loss". */
  readonly selections?: readonly string[] | undefined;
}

/** How images become network inputs. */
export type Preparation = CapsPreparation | StepsPreparation;

/** The images of a CAPS. */
export interface CapsPreparation {
  /** How they are prepared. */
  readonly kind: "caps";
  /** Which image of each session. */
  readonly images: CapsImages;
  /** Whether intensities are brought to [0, 1] by their minimum and maximum. */
  readonly normalize: boolean;
}

/** Images in files of their own, which go through steps; there may be none. */
export interface StepsPreparation extends ChosenPreprocessing {
  /** How they are prepared. */
  readonly kind: "steps";
}

/** What a model expects as its input. */
export interface ModelInput {
  /**
   * Dims of one part, without the batch: [C, X, Y, Z] or [C, H, W], null where any length will do; undefined where
   * they depend on the images.
   */
  readonly dims: readonly (number | null)[] | undefined;
  /** Whether an array may have its channels last, as the model's own file has. */
  readonly channelsLast: boolean;
  /** What training did to the images. */
  readonly preparation: Preparation;
}

/** Where the images and labels of the training were, as the model's files have it. */
export interface TrainingData {
  /** The file that says so, for messages. */
  readonly file: string;
  /** The CAPS, or a table of several. */
  readonly caps: string | undefined;
  /** The folder of label lists, or a table of several. */
  readonly labels: string | undefined;
  /** Whether both are tables of cohorts. */
  readonly severalCohorts: boolean;
  /** Splits of the cross-validation; 0 where there was a single one. */
  readonly splitCount: number;
  /** Those that the network was trained to classify. */
  readonly diagnoses: readonly string[];
  /** Lists of sessions in the model's own folder, by name and fold; empty where it has none. */
  readonly groups: readonly DataGroup[];
}

/** What there is to know of a model, for people who choose one. */
export interface ModelFacts {
  /** "Architecture", "Input", … in a table's order. */
  readonly rows: readonly ModelFact[];
  /** The networks that images can be tried with; empty where none can be loaded. */
  readonly networks: readonly NetworkChoice[];
  /** Number of logits of a network; undefined where it depends on an image. */
  readonly classCount: number | undefined;
  /** Why networks cannot be loaded, or do not fit the size of their training's images. */
  readonly failures: readonly VoxplainError[];
  /** Sentences: what is missing or odd, then the failures; each once. */
  readonly problems: readonly string[];
}

/** Which network is opened, and for what. */
export interface NetworkRequest {
  /** Dims of one input, without the batch: [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
  /** Index of the part that it sees; counts where each part has a network of its own. */
  readonly part: number;
  /** One value of the output by an index for each axis behind the batch, in the place of the logits of classes. */
  readonly index?: readonly number[] | undefined;
  /** Over which positions of a dense output the mean of each logit is taken; default: all. */
  readonly region?: OutputRegion | undefined;
}

/** A row about a model, for people. */
export interface ModelFact {
  /** "Architecture". */
  readonly label: string;
  /** "Conv5_FC3". */
  readonly value: string;
}

/** Which output node stands for which value of a column of the labels. */
export interface ModelLabels {
  /** "diagnosis", or whatever column the training took its classes from. */
  readonly column: string;
  /** The output node of each value, as text. Several values may share a node. */
  readonly nodes: ReadonlyMap<string, number>;
  /** The value whose class metrics call positive; undefined: that of node 1, whose values differ between folders. */
  readonly positive?: string;
}

/** A trained model, whatever files it came from. */
export interface Model {
  /** The path or the file, for messages. */
  readonly name: string;
  /** For people; programs have no reason to ask. */
  readonly kind: "model-folder" | "onnx-file";
  /** Where its files are: `file` of a network is below it. */
  readonly source: FileSource;
  /** What its output is: the logits of classes, a number, or an image. */
  readonly task: "classification" | "regression" | "reconstruction";
  /** What the nodes stand for, by their index: "CN" and "AD"; values that share a node are joined. Empty where that is not known. */
  readonly classes: readonly string[];
  /** Which value of the labels is which class; undefined where nothing says it. */
  readonly labels?: ModelLabels;
  /** Never empty. */
  readonly networks: readonly NetworkChoice[];
  /** How images are cut into parts. */
  readonly parts: PartSettings;
  /** Parts of each image of the training; undefined where that is not recorded. */
  readonly partCount?: number;
  /** What it expects. */
  readonly input: ModelInput;
  /** Where the training took its images from; undefined where nothing says it. */
  readonly training?: TrainingData;
  /** Sentences: what is missing or odd. */
  readonly problems: readonly string[];
  /** Why it cannot be explained, such as an autoencoder; undefined for most. */
  readonly refusal?: VoxplainError;
  /**
   * The networks that are asked for.
   * @throws VoxplainError `not-found` listing those that are there.
   */
  choose(query: NetworkQuery): readonly NetworkChoice[];
  /** The IDs of the participants that it was trained or validated with; undefined where that is not recorded. */
  seenParticipants(): Promise<ReadonlySet<string> | undefined>;
  /**
   * Looks at each of its networks; weights are not read.
   * @throws What `options.signal` was aborted with.
   */
  facts(options?: { readonly signal?: AbortSignal | undefined }): Promise<ModelFacts>;
  /** How many networks see one part each; undefined where one network sees every part. */
  networkCount(choice: NetworkChoice): number | undefined;
  /**
   * Dims of one input, [C, X, Y, Z] or [C, H, W], as the ONNX file of a network or the records of its training state them,
   * null where any length will do; undefined where neither states them.
   * @throws VoxplainError as the reader of ONNX files.
   */
  statedInput(choice: NetworkChoice): Promise<readonly (number | null)[] | undefined>;
  /**
   * Reads a network; its weights are read when it is opened.
   * @throws VoxplainError `mismatch` where weights, architecture and input do not fit; and as the readers of model-loader.
   */
  load(choice: NetworkChoice, request: NetworkRequest): Promise<LoadedNetwork>;
  /**
   * How much the vote of each part of an image counts, from the predictions on the validation set.
   * @param group - The data group whose sessions vote, where it is one of the model's own: `train` is weighed by itself.
   * @throws VoxplainError `not-found` naming the file, and what to do without it.
   */
  votingWeights(choice: NetworkChoice, group?: string): Promise<VotingWeights>;
}

/** What is done to a whole image on its way from its file to the network. */
export function stepsOf({ input: { preparation } }: Model): readonly PreprocessingStep[] {
  if (preparation.kind === "steps") return preparation.steps;
  return preparation.normalize ? [{ kind: "min-max" }] : [];
}

/** Whether the images of a CAPS are brought to [0, 1] by their minimum and maximum for a model. */
export function normalizes({ input: { preparation } }: Model): boolean {
  return preparation.kind === "caps" && preparation.normalize;
}
