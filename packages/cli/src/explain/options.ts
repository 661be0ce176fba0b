import type { MethodFlags } from "../command-line/method-flags.ts";
import type { DeviceOptions } from "../device.ts";

/** The options of `voxplain explain`, under the names they have on the command line. */
export interface ExplainArguments extends DeviceOptions, MethodFlags {
  readonly model: string;
  readonly images: readonly string[];
  /** Output of the network that holds the logits. */
  readonly output?: string;
  /** A class, or an index for each axis of the output; default: the predicted class of each image. */
  readonly target?: number | readonly number[];
  /** A NIfTI of 0 and 1 on the grid of the images: where the logits of a dense output count. */
  readonly target_mask?: string;
  /** One position of a dense output: an index for each axis of the images. */
  readonly target_voxel?: readonly number[];
  /** An image on the grid of the maps, whose affine they get. */
  readonly nifti_template_path?: string;
  /** Steps in their order: "min-max", "scale=0.5", "mean=0.5,0.4,0.3", "std=…", "resize=224,224". */
  readonly preprocess?: readonly string[];
  readonly output_dir?: string;
  readonly overwrite: boolean;
  readonly no_fsync: boolean;
  readonly vmax?: number;
  readonly verbose: boolean;
}
