/** The options of `voxplain interpret`, under the names they have on the command line. */
export interface InterpretOptions {
  readonly use_cpu: boolean;
  readonly nproc: number;
  readonly batch_size: number;
  readonly threads?: number;
  readonly selection: readonly string[];
  readonly folds?: readonly number[];
  readonly tsv_path?: string;
  readonly caps_dir?: string;
  readonly diagnosis: string;
  readonly target_diagnosis?: string;
  readonly baseline: boolean;
  readonly keep_true?: boolean;
  readonly nifti_template_path?: string;
  readonly multi_cohort: boolean;
  readonly output_dir?: string;
  readonly overwrite: boolean;
  readonly vmax: number;
  readonly verbose: boolean;
}

export interface InterpretArguments extends InterpretOptions {
  readonly level: "group" | "individual";
  readonly model_path: string;
  readonly name: string;
}
