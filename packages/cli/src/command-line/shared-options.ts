import { type Command, Option } from "commander";
import { wholeNumber, wholeNumberList } from "./values.ts";

/** Where it is computed. */
export function addDevice(command: Command): Command {
  return command
    .optionsGroup("Computational resources:")
    .option(
      "--use_cpu",
      "compute on the CPU; without it a GPU is looked for, and its absence is an error",
      false,
    )
    .addOption(
      new Option(
        "--device <name>",
        "device to compute on (default: the first GPU that works: cuda, webgpu)",
      ).choices(["cpu", "cuda", "webgpu", "dml", "coreml"]),
    )
    .option("--threads <int>", "threads that compute (default: all cores)", wholeNumber(1));
}

/** What decides where and how fast a cohort is computed. */
export function addResources(command: Command): Command {
  return addDevice(command)
    .option("--nproc <int>", "images that are read ahead while the network computes", wholeNumber(0), 2)
    .option(
      "--batch_size <int>",
      "images or parts per batch; large volumes are computed one by one",
      wholeNumber(1),
      2,
    );
}

export function addModelSelection(command: Command): Command {
  return command
    .optionsGroup("Model selection:")
    .addOption(
      new Option(
        "--selection <metric...>",
        "which of the networks saved in training to use: that of the best loss or of the best balanced accuracy on " +
          "the validation set; both may be named",
      )
        .choices(["best_loss", "best_balanced_accuracy"])
        .default(["best_balanced_accuracy"], "best_balanced_accuracy"),
    )
    .option(
      "--folds <int...>",
      "folds of the cross-validation to use (default: all there are)",
      wholeNumberList,
    );
}

/** Where images and labels are. */
export function addData(command: Command): Command {
  return command
    .optionsGroup("Data management:")
    .option(
      "--tsv_path <path>",
      "folder of label lists, <diagnosis>.tsv with the columns participant_id and session_id; or one TSV with a column " +
        "diagnosis, too (default: the lists of the training)",
    )
    .option("--caps_dir <path>", "CAPS folder with the images (default: that of the training)")
    .option(
      "--baseline",
      "only first visits: read <diagnosis>_baseline.tsv instead of <diagnosis>.tsv",
      false,
    )
    .option(
      "--multi_cohort",
      "caps_dir and tsv_path are TSV files that list cohorts (columns cohort, path; the second also diagnoses)",
      false,
    )
    .addOption(
      new Option(
        "--voting <weights>",
        "of networks that see patches, regions or slices: how these vote on the class of an image, by how often each " +
          "was right on the validation set, or all the same",
      )
        .choices(["validation", "uniform"])
        .default("validation"),
    )
    .addOption(
      new Option(
        "--on_error <reaction>",
        "when the image of a session is missing or broken: end there, or go on and list it in errors.tsv",
      )
        .choices(["stop", "skip"])
        .default("stop"),
    );
}

/** @param below - The folders below the output folder, as the help shows them. */
export function addOutput(command: Command, below: string): Command {
  return command
    .option("--output_dir <path>", `where ${below} is written (default: into the model folder)`)
    .option("--overwrite", "replace a result of the same name", false)
    .option("-v, --verbose", "show where in the program an unexpected error arose", false);
}

/** What a map shows. */
export function addMethod(command: Command): Command {
  return command
    .optionsGroup("Method:")
    .option("--method <name>", "how the network is explained; voxplain methods lists them all", "gradients")
    .option("--method_options <name=value...>", "options of the method, such as steps=32 baseline=blur")
    .option(
      "--layer <value>",
      "layer that class activation maps look at (default: the last with spatial axes)",
    )
    .option("--seed <int>", "where random numbers begin, of methods that draw some", wholeNumber(0))
    .option(
      "--chunk_size <int>",
      "inputs that a method of many runs puts through the network at once; decides on memory; maps of other sizes differ by rounding alone",
      wholeNumber(1),
    )
    .option(
      "--checks [name...]",
      "measure what can be said for each map, into checks.tsv and plots: completeness, cascading-randomization, " +
        "independent-randomization, deletion-insertion, infidelity, max-sensitivity (default: all); takes many runs",
    );
}
