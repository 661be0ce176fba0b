import type { CapsImages } from "@voxplain/core";

/** How a network was trained, under the newest names, whatever the age of the file. */
export interface TrainingSettings extends ArchitectureSettings {
  /** What the network sees. */
  readonly mode: Mode;
  /** One network, or one per part. */
  readonly networkType: NetworkType;
  /** What its output is. */
  readonly task: Task;
  /** The column of the label lists that it was trained to predict: "diagnosis", "age"; undefined for a reconstruction. */
  readonly label: string | undefined;
  /**
   * In a classification of ClinicaDL 1.x: the node of each value of the label. Several values may share a node. undefined
   * where the file has none; ClinicaDL 0.2 writes none.
   */
  readonly labelCode: ReadonlyMap<string, number> | undefined;
  /** Parts of each image, as ClinicaDL 1.x records them; undefined where they are not recorded. */
  readonly partCount?: number | undefined;
  /** Dims of one input as ClinicaDL 1.x records them, [C, X, Y, Z] or [C, H, W]; undefined where they are not recorded. */
  readonly inputDims: readonly number[] | undefined;
  /** Factor by which images were subsampled, without smoothing; undefined where they keep their size. */
  readonly sizeReduction?: SizeReduction;
  /** Which images of the CAPS it sees. */
  readonly images: CapsImages;
  /** As written: relative to the working directory of the training, most often absolute. */
  readonly capsDir: string | undefined;
  /** As written: the folder of the label lists. */
  readonly tsvPath: string | undefined;
  /** Those that it was trained to classify. */
  readonly diagnoses: readonly string[];
  /** Whether it saw the first visit of each participant only. */
  readonly baseline: boolean;
  /** Number of splits of the cross-validation; 0 when there was a single split. */
  readonly splitCount: number;
  /** The splits that were trained; undefined for all of them. */
  readonly split: readonly number[] | undefined;
  /** Whether capsDir and tsvPath are tables of cohorts. */
  readonly multiCohort: boolean;
  /** Whether intensities were brought to [0, 1] by their minimum and maximum. */
  readonly normalize: boolean;
  /** Rate at training; nothing is dropped at inference. */
  readonly dropout: number | undefined;
  /** Set in patch mode. Sizes in voxels. */
  readonly patch?: {
    /** Edge of the cubes. */
    readonly size: number;
    /** From the start of a patch to that of the next. */
    readonly stride: number;
    /** Read from files of their own. */
    readonly extracted: boolean;
  };
  /** Set in roi mode. Without a list: the two hippocampi. */
  readonly roi?: {
    /** Names of masks. */
    readonly list: readonly string[] | undefined;
    /** Regions keep the size of the image. */
    readonly uncropped: boolean;
    /** Read from files of their own. */
    readonly extracted: boolean;
  };
  /** Set in slice mode. Direction: 0 sagittal, 1 coronal, 2 axial. Discarded: planes at either end. */
  readonly slice?: {
    /** Orthogonal to the planes. */
    readonly direction: 0 | 1 | 2;
    /** At the beginning, at the end. */
    readonly discarded: readonly [number, number];
    /** So many planes are used, from the first that is not discarded on; undefined: all that are left. */
    readonly count?: number;
    /** Channels of the network's input, all the same plane. */
    readonly channels: 1 | 3;
    /** Whether planes are brought to 224×224. */
    readonly resized: boolean;
    /** Read from files of their own. */
    readonly extracted: boolean;
  };
  /** As written: the table of atlas intensities; they are not needed here. */
  readonly mergedTsvPath: string | undefined;
  /** Parts below it do not vote. */
  readonly selectionThreshold: number | undefined;
  /** What is compared with the threshold: right predictions of a part on the validation set, or their share. */
  readonly thresholdOf: "count" | "accuracy";
  /** By which networks were to be chosen among the epochs: "loss", "BA". */
  readonly selectionMetrics: readonly string[];
  /** The JSON object as it is in the file. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What a file of options says. */
export interface ParsedSettings {
  /** Under today's names, whatever the age of the file. */
  readonly settings: TrainingSettings;
  /** Sentences about what is odd, but can be lived with. */
  readonly oddities: readonly string[];
}

/** What is needed to rebuild a network from its weights. */
export interface ArchitectureSettings {
  /** The versions of ClinicaDL whose networks are meant: some names stand for other layers in 1.x. Default: "0.2". */
  readonly generation?: Generation;
  /** Number of values that the network gives, where it is recorded. */
  readonly outputSize?: number | undefined;
  /** Dims of one input of the training, [C, X, Y, Z] or [C, H, W], where they are recorded. */
  readonly inputDims?: readonly number[] | undefined;
  /** Name of the architecture; undefined for one that a random search drew. */
  readonly architecture: string | undefined;
  /** What a random search drew. */
  readonly randomArchitecture?: RandomArchitectureSettings;
  /** Atlases whose regional intensities the network predicts too, in outputs after the two classes. */
  readonly predictAtlasIntensities?: readonly string[] | undefined;
}

/** A network drawn by a random search. */
export interface RandomArchitectureSettings {
  /** In their order. */
  readonly convolutions: readonly ConvolutionBlock[];
  /** Linear layers behind the convolutions. */
  readonly fullyConnectedBlocks: number;
  /** Behind each convolution. */
  readonly normalization: Normalization;
}

/** Some convolutions, of which the last makes the image smaller. */
export interface ConvolutionBlock {
  /** The key in commandline.json and in the state dict: "conv0". */
  readonly name: string;
  /** undefined: the channels of the input. */
  readonly inChannels: number | undefined;
  /** Channels behind the last convolution. */
  readonly outChannels: number;
  /** At least 1. */
  readonly convolutionCount: number;
  /** What makes the image half as long along each axis. */
  readonly reduction: "MaxPooling" | "stride";
}

/** Kinds of normalization behind a convolution. */
export type Normalization = "BatchNorm" | "InstanceNorm" | "none";

export const modes = ["image", "patch", "roi", "slice"] as const;
/** What a network sees: the whole image or parts of it. */
export type Mode = (typeof modes)[number];

export const networkTypes = ["cnn", "multicnn", "autoencoder"] as const;
/** What was trained. */
export type NetworkType = (typeof networkTypes)[number];

export const tasks = ["classification", "regression", "reconstruction"] as const;
/** What the output of a network is: logits of classes, a number, an image. */
export type Task = (typeof tasks)[number];

/** Versions of ClinicaDL that write the same kind of folder. */
export type Generation = "0.2" | "1.x";

export const sizeReductions = [2, 3, 4, 5] as const;
/** Of 2, each second voxel along each axis is kept. */
export type SizeReduction = (typeof sizeReductions)[number];
