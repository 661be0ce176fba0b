import type { FilePath, FileSource } from "@voxplain/core";
import type { TrainingSettings } from "../settings/settings.ts";
import type { DataGroup } from "./maps/data-groups.ts";
import type { Program } from "./program.ts";

/** A folder that ClinicaDL trained networks into: of 0.2, or a MAPS of 1.x. */
export interface ModelFolder extends FolderContent {
  /** The folder. */
  readonly source: FileSource;
  /** What wrote it. */
  readonly program: Program;
}

/** What a model folder holds. */
export interface FolderContent {
  /** The settings of the training, from commandline.json or maps.json. */
  readonly settings: TrainingSettings;
  /** In the order of their numbers; never empty. */
  readonly folds: readonly Fold[];
  /** Lists of sessions that a MAPS knows by name; empty for 0.2. */
  readonly groups: readonly DataGroup[];
  /** Sentences: what is missing or odd. */
  readonly missing: readonly string[];
}

/** One fold of the cross-validation. */
export interface Fold {
  /** Its number: of "fold-0" 0. */
  readonly index: number;
  /** The folder: "fold-0", or "split-0" of ClinicaDL 1.0.4 and later. */
  readonly name: string;
  /** The networks that were kept, by the metric that chose them. */
  readonly selections: readonly Selection[];
}

/** The network that was best by some measure during the training of a fold. */
export interface Selection {
  /** "best_loss", "best_balanced_accuracy", "best_BA", … */
  readonly name: string;
  /** Where the weights are, in the folder. */
  readonly checkpoint?: FilePath;
  /** An exported network; it takes precedence. */
  readonly onnx?: FilePath;
  /** One network per patch, ROI or slice, in the order of their numbers, where there is one for each part. */
  readonly networks?: readonly NetworkFiles[];
}

/** Where one of several networks is. */
export interface NetworkFiles {
  /** The index of the part that it sees. */
  readonly index: number;
  /** Where the weights are, in the folder. */
  readonly checkpoint?: FilePath;
  /** An exported network; it takes precedence. */
  readonly onnx?: FilePath;
}
