import type { DeviceOptions } from "../device.ts";

/** Options of every command that takes a cohort through the networks of a model folder. */
export interface DataOptions extends DeviceOptions {
  readonly model_path: string;
  readonly nproc: number;
  readonly batch_size: number;
  readonly selection: readonly string[];
  readonly folds?: readonly number[];
  readonly tsv_path?: string;
  readonly caps_dir?: string;
  readonly baseline: boolean;
  readonly multi_cohort: boolean;
  /** How parts of an image vote: with the weights of the validation set, or all the same. */
  readonly voting: "validation" | "uniform";
  readonly on_error: "stop" | "skip";
  readonly output_dir?: string;
  readonly overwrite: boolean;
  /** Only print what would be done. */
  readonly dry_run: boolean;
  readonly verbose: boolean;
}
