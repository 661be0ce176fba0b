import type { Preprocessing } from "@voxplain/core";

/** How a network was trained, under the newest names, whatever the age of the file. */
export interface TrainingSettings extends ArchitectureSettings {
  /** What the network sees. */
  readonly mode: Mode;
  /** One network, or one per part. */
  readonly networkType: NetworkType;
  /** Which images of the CAPS it sees. */
  readonly preprocessing: Preprocessing;
  /** As written: relative to the working directory of the training, most often absolute. */
  readonly capsDir: string | undefined;
  /** As written: the folder of the label lists. */
  readonly tsvPath: string | undefined;
  /** Those that it was trained to tell apart. */
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
    /** Of the network's input, all the same plane. */
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
  /** The JSON object as it is in the file. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What is needed to rebuild a network from its weights. */
export interface ArchitectureSettings {
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

/** Whether the network was trained to predict a number ("network_task": "regression"), not classes. */
export function isRegression({ raw }: Pick<TrainingSettings, "raw">): boolean {
  return raw.network_task === "regression";
}
