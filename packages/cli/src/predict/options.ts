import type { DataOptions } from "../job/data-options.ts";

/** The options of `voxplain predict`, under the names they have on the command line. */
export interface PredictOptions extends DataOptions {
  /** Default: those of the training. */
  readonly diagnoses?: readonly string[];
  readonly name: string;
}
