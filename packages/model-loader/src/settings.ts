/** How a network was trained, under the newest names, whatever the age of the file. */
export interface TrainingSettings extends ArchitectureSettings {
  readonly mode: Mode;
  readonly networkType: NetworkType;
  readonly preprocessing: Preprocessing;
  /** As written: relative to the working directory of the training, most often absolute. */
  readonly capsDir: string | undefined;
  readonly tsvPath: string | undefined;
  readonly diagnoses: readonly string[];
  readonly baseline: boolean;
  /** Number of splits of the cross-validation; 0 when there was a single split. */
  readonly splitCount: number;
  /** The splits that were trained; undefined for all of them. */
  readonly split: readonly number[] | undefined;
  readonly multiCohort: boolean;
  /** Whether intensities were brought to [0, 1] by their minimum and maximum. */
  readonly normalize: boolean;
  /** Rate at training; nothing is dropped at inference. */
  readonly dropout: number | undefined;
  /** Set in patch mode. Sizes in voxels. */
  readonly patch?: { readonly size: number; readonly stride: number; readonly extracted: boolean };
  /** Set in roi mode. Without a list: the two hippocampi. */
  readonly roi?: {
    readonly list: readonly string[] | undefined;
    readonly uncropped: boolean;
    readonly extracted: boolean;
  };
  /** Set in slice mode. Direction: 0 sagittal, 1 coronal, 2 axial. Discarded: planes at either end. */
  readonly slice?: {
    readonly direction: 0 | 1 | 2;
    readonly discarded: readonly [number, number];
    readonly extracted: boolean;
  };
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
  readonly randomArchitecture?: RandomArchitectureSettings;
  /** Atlases whose regional intensities the network predicts too, in outputs after the two classes. */
  readonly predictAtlasIntensities?: readonly string[] | undefined;
}

/** A network drawn by a random search. */
export interface RandomArchitectureSettings {
  /** In their order. */
  readonly convolutions: readonly ConvolutionBlock[];
  readonly fullyConnectedBlocks: number;
  readonly normalization: Normalization;
}

export interface ConvolutionBlock {
  /** The key in commandline.json and in the state dict: "conv0". */
  readonly name: string;
  /** undefined: the channels of the input. */
  readonly inChannels: number | undefined;
  readonly outChannels: number;
  readonly convolutionCount: number;
  readonly reduction: "MaxPooling" | "stride";
}

export type Normalization = "BatchNorm" | "InstanceNorm" | "none";

export const modes = ["image", "patch", "roi", "slice"] as const;
export type Mode = (typeof modes)[number];

export const networkTypes = ["cnn", "multicnn", "autoencoder"] as const;
export type NetworkType = (typeof networkTypes)[number];

export const preprocessings = [
  "t1-linear",
  "t1-linear-downsampled",
  "t1-extensive",
  "t1-volume",
  "shepplogan",
] as const;
export type Preprocessing = (typeof preprocessings)[number];
