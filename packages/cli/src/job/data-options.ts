import type { DeviceOptions } from "../device.ts";
import type { SplitOptions } from "./split-options.ts";

/** Options of every command that takes a cohort through networks. */
export interface DataOptions extends DeviceOptions, SplitOptions {
  readonly model_path: string;
  readonly nproc: number;
  readonly batch_size: number;
  readonly selection?: readonly string[];
  readonly folds?: readonly number[];
  /** Which of several state dicts of a checkpoint is used. */
  readonly weights_key?: string;
  readonly tsv_path?: string;
  readonly caps_dir?: string;
  /** A data group of a MAPS. */
  readonly data_group?: string;
  readonly baseline: boolean;
  readonly multi_cohort: boolean;
  /** A table of images, or a BIDS folder. */
  readonly images?: string;
  /** The column of the labels. */
  readonly label?: string;
  /** "suffix=T1w", of a BIDS folder. */
  readonly bids_filter?: readonly string[];
  /** A folder with the masks of regions. */
  readonly masks?: string;
  /** "AD=1", for an ONNX file. */
  readonly label_code?: readonly string[];
  /** Steps in their order, for an ONNX file. */
  readonly preprocess?: readonly string[];
  /** The output with the logits, of an ONNX file. */
  readonly output?: string;
  /** How parts of an image vote: with the weights of the validation set, or all the same. */
  readonly voting: "validation" | "uniform";
  readonly on_error: "stop" | "skip";
  readonly output_dir?: string;
  readonly overwrite: boolean;
  /** Only print what would be done. */
  readonly dry_run: boolean;
  readonly verbose: boolean;
}
