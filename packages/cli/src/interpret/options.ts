import type { PictureChoice } from "@voxplain/results";
import type { MethodFlags } from "../command-line/method-flags.ts";
import type { DataOptions } from "../job/data-options.ts";

/** The options of `voxplain interpret`, under the names they have on the command line. */
export interface InterpretOptions extends DataOptions, MethodFlags {
  /** Default: AD, for label lists. */
  readonly diagnosis?: string;
  readonly target_diagnosis?: string;
  /** A value of the model's labels. */
  readonly target_label?: string;
  /** An index of the output. */
  readonly target_node?: number;
  readonly keep_true?: boolean;
  readonly through_normalization: boolean;
  readonly nifti_template_path?: string;
  readonly vmax: number;
  readonly pictures: PictureChoice;
}

export interface InterpretArguments extends InterpretOptions {
  readonly level: "group" | "individual";
  readonly name: string;
}
