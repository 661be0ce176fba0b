import type { FilePlace } from "@voxplain/caps-io";
import type { FilePath, FileSource, KernelUse, Tensor, Volume } from "@voxplain/core";
import type { MapWarning, MethodEntry, Refinement } from "@voxplain/saliency";
import type { ImagePrediction } from "@voxplain/study";
import type { SentFiles } from "../findings/sent-files.ts";
import type { ExplainedSources } from "./explained-sources.ts";

export type { ImagePrediction } from "@voxplain/study";

// What the page asks of the part that opens, predicts and explains. Nothing in here knows of the page.

/** Where the page is in a job. */
export interface EngineProgress {
  /** "reading sub-01 ses-M00", "step 3 of 32": for people. */
  readonly step: string;
  /** From 0 to 1; undefined where it cannot be known. */
  readonly fraction: number | undefined;
  readonly secondsLeft: number | undefined;
}

export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EngineProgress) => void;
}

/** One of the trained networks of a model folder. */
export interface NetworkChoice {
  readonly fold: number;
  /** "fold-0", "split-0". */
  readonly foldName: string;
  readonly selection: string;
}

/** An opened model folder or ONNX file. */
export interface ExplorerModel {
  readonly name: string;
  readonly kind: "model-folder" | "onnx";
  /** Rows for people: architecture, mode, preprocessing, parameters, … */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** What the output is: logits of classes, or one number. */
  readonly task: "classification" | "regression";
  /** "CN", "AD"; "class 0", … of ONNX files; empty of a regression. */
  readonly classes: readonly string[];
  /** Empty of ONNX files. */
  readonly networks: readonly NetworkChoice[];
  /** Whether an image is cut into parts that vote. */
  readonly hasParts: boolean;
  /** The preprocessing that the model states, if any; undefined where the images are those of a CAPS, prepared as in training. */
  readonly preprocessing:
    | { readonly steps: readonly string[] | undefined; readonly source: string }
    | undefined;
  /** Positions of an output with a class for each voxel; undefined for other networks, and where it is not known yet. */
  readonly outputGrid: readonly number[] | undefined;
  /** Why there is no logit of each class, and how one value of the output is chosen in their place; undefined for most networks. */
  readonly scores: string | undefined;
  /** Layers that class activation maps can look at; known once an image was explained or predicted. */
  readonly layers: readonly string[];
}

/** An image that can be explained. */
export interface ExplorerImage {
  readonly id: string;
  /** "sub-SIM001 ses-M00", or the file's name. */
  readonly name: string;
  /** Its label in the tables, where there is one. */
  readonly trueClass: string | undefined;
  /** Participant of the image, if it has one. */
  readonly participantId?: string;
  readonly sessionId?: string;
  /** The class that the model knows by this label. */
  readonly trueNode?: number | undefined;
}

/** A session without an image that the model can explain. */
export interface AbsentSession {
  /** "sub-SIM001 ses-M00". */
  readonly name: string;
  /** A sentence without the name. */
  readonly reason: string;
}

/** Which sessions of the open lists, tables and folders are the images, and what their labels are. */
export interface CohortChoice {
  /** The column of the tables that the labels are in; undefined where there is none. */
  readonly label: string | undefined;
  /** Those that labels can be in. */
  readonly columns: readonly string[];
  /** What chooses the images of BIDS folders, "suffix=T1w"; undefined where none is open. */
  readonly bidsFilter: readonly string[] | undefined;
}

/** Which network, and what it gets. */
export interface PredictionRequest {
  /** Default: the first. */
  readonly network?: NetworkChoice | undefined;
  /** Preprocessing steps as `--preprocess` takes them; undefined: as the model states, else none. */
  readonly preprocess?: readonly string[] | undefined;
  /** How parts vote; default: with the weights of the validation set. */
  readonly voting?: "validation" | "uniform";
  /** Which part of the output is explained: over which voxels the logits are averaged, or one value; default: all. */
  readonly region?: TargetRegion | undefined;
}

/**
 * Voxels of an output with a class for each: one, or those that are not 0 in a NIfTI. Or one value of any output, by an index for each
 * axis behind the batch: then there is no class.
 */
export type TargetRegion =
  | { readonly voxel: readonly number[] }
  | { readonly mask: { readonly files: FileSource; readonly path: FilePath } }
  | { readonly value: readonly number[] };

export interface ExplanationRequest extends PredictionRequest {
  /** A name of the registry of methods. */
  readonly method: string;
  /** Options in camelCase, as text; those that are not given have their defaults. */
  readonly options: Readonly<Record<string, string>>;
  readonly target: number;
}

/** A map over the image that it explains, on the same grid. */
export interface Explanation {
  readonly image: ExplorerImage;
  readonly request: ExplanationRequest;
  readonly prediction: ImagePrediction;
  /** The sum over the channels of the map; for 2D images a volume one voxel deep. For parts, the recomposed map. */
  readonly map: Volume;
  readonly anatomy: Volume;
  /** False where the position of the voxels is unknown, and the affine is the identity. */
  readonly isPlaced: boolean;
  /** The map with its channels as the method gave it, for .npy. */
  readonly stored: Tensor<"float32">;
  /** By how much the map misses the sum that the method promises, as a fraction of it. */
  readonly relativeDelta: number | undefined;
  /** How many passes the map took, where it was refined until a tolerance was reached. */
  readonly refinement?: Refinement;
  readonly seconds: number;
  /** What computed the first blocks of the network, for each kind of pass. */
  readonly kernelUses: readonly KernelUse[];
  readonly warnings: readonly string[];
  /** What `warnings` says of the map and the logits themselves, or of those of the parts. */
  readonly mapWarnings: readonly MapWarning[];
  /** The files that it was made from. */
  readonly sources: ExplainedSources;
}

/** The mean map of several images, which are explained one by one. Its memory is that of one image. */
export interface ExplanationMean {
  readonly count: number;
  /** Explains an image and adds its map. @throws VoxplainError `mismatch` for a map of another shape or position. */
  add(image: ExplorerImage, options?: JobOptions): Promise<ImagePrediction>;
  /** @throws VoxplainError `not-found` when none was added. */
  mean(): Explanation;
}

/** The groups that a column of a cohort makes. */
export interface GroupColumn {
  readonly column: string;
  readonly groups: readonly { readonly value: string; readonly count: number }[];
}

/** Maps of a cohort that were made by one method, for comparisons. */
export interface ExplainedCohort {
  /** As the files of a finished job of the command. */
  readonly job: SentFiles;
  readonly request: ExplanationRequest;
  readonly count: number;
  /** Columns of its tables; `outcome` where there are two classes and labels. */
  readonly groups: readonly GroupColumn[];
  /** What the positive class of outcomes is called. */
  readonly positive: string | undefined;
  /** The mean image. */
  readonly anatomy: Volume;
  readonly isPlaced: boolean;
  readonly warnings: readonly string[];
}

/** Explains images one by one, and keeps their maps. */
export interface CohortExplanation {
  explain(image: ExplorerImage, request: ExplanationRequest, options?: JobOptions): Promise<Explanation>;
  /** Undefined where nothing was explained. */
  finish(): Promise<ExplainedCohort | undefined>;
}

/** Files that are shipped with the page: a workspace of its own, whose template and atlas are for its images. */
export interface SampleFiles {
  /** A model folder, a CAPS and label lists. */
  readonly cohort: FileSource;
  readonly template: { readonly files: FileSource; readonly path: FilePath };
  readonly atlas: AtlasFiles;
}

/** Files that were taken for the same kind of thing. */
export interface UnderstoodFiles {
  /** "model", "CAPS folder, 10 sessions", "images: 3". */
  readonly as: string;
  readonly paths: readonly FilePath[];
}

/** What was found in files that were opened. */
export interface Opened {
  readonly model?: ExplorerModel;
  readonly images: readonly ExplorerImage[];
  /** Sentences about files that could not be used. */
  readonly problems: readonly string[];
  /** What the files were taken for. */
  readonly understood: readonly UnderstoodFiles[];
  /** Files of no kind that can be opened. */
  readonly others: readonly FilePath[];
}

export interface ExplorerEngine {
  readonly model: ExplorerModel | undefined;
  readonly images: readonly ExplorerImage[];
  /** Sessions of label lists, tables and folders that are not among the images, and why. */
  readonly absent: readonly AbsentSession[];
  readonly cohort: CohortChoice;
  /** Takes the labels from another column, or other files of the BIDS folders. */
  choose(
    choice: { readonly label?: string; readonly bidsFilter?: readonly string[] },
    options?: JobOptions,
  ): Promise<Opened>;
  /** Methods that can be chosen in a page, with their options as data. */
  readonly methods: Readonly<Record<string, MethodEntry>>;
  /**
   * Looks at files and decides what they are: a model folder, an ONNX file, a CAPS, label lists, tables of images, BIDS folders, or
   * single images (.pt, .nii, .nii.gz, .mgz, .npy). What was open stays, unless a new model takes its place; the sample
   * is closed.
   * @throws VoxplainError where nothing of it can be used; then all stays as it was.
   */
  open(files: FileSource, options?: JobOptions): Promise<Opened>;
  /** Opens the sample in the place of everything that is open. The first file of the user closes it. */
  openSample(sample: SampleFiles, options?: JobOptions): Promise<Opened>;
  /** Names for the classes of the model that is open, which has none of its own; "" keeps the number of a class. */
  nameClasses(names: readonly string[]): void;
  /** Whether the sample is open, and thus nothing else. */
  readonly isSample: boolean;
  /** A NIfTI on the grid of the images, whose affine their maps get. Closes the sample. */
  setTemplate(files: FileSource, path: FilePath): Promise<void>;
  /** The regions of methods that take labels, on the grid of the images; undefined for none. Closes the sample. */
  setAtlas(atlas: AtlasFiles | undefined): Promise<void>;
  predict(image: ExplorerImage, request: PredictionRequest, options?: JobOptions): Promise<ImagePrediction>;
  explain(image: ExplorerImage, request: ExplanationRequest, options?: JobOptions): Promise<Explanation>;
  /** Begins to explain a cohort, whose maps are then compared. */
  explainCohort(): CohortExplanation;
  /**
   * Begins a mean of images, which are then added one by one.
   * @throws VoxplainError from headers alone: naming the images that differ in shape, orientation or position, or have a
   * broken affine.
   */
  mean(
    images: readonly ExplorerImage[],
    request: ExplanationRequest,
    options?: JobOptions,
  ): Promise<ExplanationMean>;
  /**
   * predictions.tsv of the images that were predicted or explained, as the command writes it.
   * @throws VoxplainError `not-found` where none was.
   */
  encodePredictions(images: readonly ExplorerImage[]): Promise<Uint8Array>;
  /** Files of an explanation for downloads: .nii.gz, .npy. */
  encode(explanation: Explanation, format: "nifti" | "npy"): Promise<Uint8Array>;
  release(): Promise<void>;
}

/** A volume of labels. */
export interface AtlasFiles {
  readonly name: string;
  /** The NIfTI of labels. */
  readonly place: FilePlace;
}
