import type { Generation, TrainingSettings } from "./settings.ts";

/** An option of the training that bears on what a network gives for an image, and what is done about it. */
export interface TrainingOption {
  /** Its keys in maps.json and commandline.json, newest first. */
  readonly keys: readonly string[];
  /** The versions of ClinicaDL that mean it so. Default: all. */
  readonly only?: Generation;
  /** Keys that say more of it, and nothing where it is off. */
  readonly details?: readonly string[];
  /** Values that mean what is usual, beside none, false, 0 and nothing. */
  readonly usual?: readonly unknown[];
  /** honoured: images and outputs are treated as in the training; ignored: it has no effect on inference. */
  readonly effect: "honoured" | "ignored";
  /** What is done, or why nothing is. */
  readonly what: string;
}

/** Every option of a training that one may expect to change a prediction or a map. */
export const trainingOptions: readonly TrainingOption[] = [
  {
    keys: ["network_task"],
    usual: ["classification"],
    effect: "honoured",
    what: "a classification has logits, a regression one value; a reconstruction is refused",
  },
  {
    keys: ["label"],
    details: ["label_code"],
    effect: "honoured",
    what: "classes are values of this column, numbered by the code, or it holds numbers",
  },
  {
    keys: ["normalize", "minmaxnormalization", "unnormalize"],
    effect: "honoured",
    what: "the minimum and maximum of each input become 0 and 1, or intensities stay as they are",
  },
  {
    keys: ["size_reduction"],
    details: ["size_reduction_factor"],
    effect: "honoured",
    what: "every n-th voxel is kept, without smoothing; maps are on that grid",
  },
  {
    keys: ["use_uncropped_image"],
    effect: "honoured",
    what: "images without desc-Crop in their names are taken",
  },
  {
    keys: ["prepare_dl", "use_extracted_patches", "use_extracted_roi", "use_extracted_slices"],
    effect: "honoured",
    what: "parts are read from files of their own",
  },
  {
    keys: ["use_extracted_features"],
    only: "0.2",
    effect: "honoured",
    what: "an older name of `use_extracted_patches`, `use_extracted_roi` and `use_extracted_slices`",
  },
  {
    keys: ["slice_mode"],
    effect: "honoured",
    what: "a slice is one channel, or three that are equal",
  },
  {
    keys: ["discarded_slices", "num_slices"],
    effect: "honoured",
    what: "only the slices that are left are used, under the numbers of their planes",
  },
  {
    keys: ["multi_network", "multi", "network_type"],
    usual: ["cnn", "single"],
    effect: "honoured",
    what: "each part goes through the network that was trained on it",
  },
  {
    keys: ["selection_threshold"],
    effect: "honoured",
    what: "parts that were right less often on the validation set do not vote",
  },
  {
    keys: ["multi_cohort"],
    effect: "honoured",
    what: "the CAPS and the lists of the training are tables of cohorts",
  },
  {
    keys: ["ssda_network"],
    effect: "honoured",
    what: "of the three heads, that of the target domain is used",
  },
  {
    keys: ["predict_atlas_intensities"],
    effect: "honoured",
    what: "the outputs behind the two classes are left alone",
  },
  {
    keys: ["transfer_path", "transfer_learning_path"],
    details: ["transfer_selection_metric", "nb_unfrozen_layer"],
    effect: "ignored",
    what: "the weights in the folder are complete; sessions of the earlier training count as seen",
  },
  {
    keys: ["data_augmentation"],
    effect: "ignored",
    what: "images were changed at random during the training only",
  },
  {
    keys: ["sampler"],
    usual: ["random"],
    effect: "ignored",
    what: "it chose the images of a batch of the training",
  },
  {
    keys: ["deterministic", "nondeterministic"],
    details: ["compensation", "seed"],
    effect: "ignored",
    what: "nothing is random at inference",
  },
  { keys: ["dropout"], effect: "ignored", what: "nothing is dropped at inference" },
  {
    keys: ["amp", "fully_sharded_data_parallel"],
    effect: "ignored",
    what: "everything is computed in float32, on one device",
  },
  {
    keys: ["use_extracted_features"],
    only: "1.x",
    effect: "ignored",
    what: "ClinicaDL 1.x writes it and reads `prepare_dl`",
  },
];

/** A training option as a file of options has it. */
export interface WrittenOption extends TrainingOption {
  /** Its keys in the file, with their values there. */
  readonly written: Readonly<Record<string, unknown>>;
}

/** The training options that a model's file sets to something; those that are off, empty or as they usually are are left out. */
export function writtenOptions({
  raw,
  generation = "0.2",
}: Pick<TrainingSettings, "raw" | "generation">): readonly WrittenOption[] {
  const nested = raw.preprocessing_dict;
  const all = new Map(Object.entries({ ...raw, ...(typeof nested === "object" ? nested : undefined) }));
  return trainingOptions.flatMap((option): WrittenOption[] => {
    if (option.only !== undefined && option.only !== generation) return [];
    const keys = option.keys.filter((key) => !isUsual(all.get(key), option.usual));
    if (keys.length === 0) return [];
    const written = [...keys, ...(option.details ?? [])].filter((key) => all.has(key));
    return [{ ...option, written: Object.fromEntries(written.map((key) => [key, all.get(key)])) }];
  });
}

function isUsual(value: unknown, usual: TrainingOption["usual"]): boolean {
  if (Array.isArray(value)) return value.every((item) => item === 0);
  if (value === undefined || value === null || value === false || value === "" || value === 0) return true;
  return usual?.includes(value) ?? false;
}
