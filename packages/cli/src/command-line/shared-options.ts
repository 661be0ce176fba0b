import { type Command, Option } from "commander";
import { shardOf } from "../job/split-options.ts";
import { wholeNumber, wholeNumberList } from "./values.ts";

/** Which device computes. */
export function addDevice(command: Command): Command {
  return command
    .optionsGroup("Computational resources:")
    .option("--use_cpu", "run on the CPU (default: a GPU, which must be present)", false)
    .addOption(
      new Option(
        "--device <name>",
        "device to run on (default: the first GPU that works, of cuda and webgpu)",
      ).choices(["cpu", "cuda", "webgpu", "dml", "coreml"]),
    )
    .option("--threads <int>", "number of CPU threads (default: all cores)", wholeNumber(1))
    .option(
      "--no_kernel",
      "on the CPU, run the first layers in ONNX Runtime too, not in Voxplain's own faster kernels",
      false,
    );
}

/** Device, threads, read-ahead and batches. */
export function addResources(command: Command): Command {
  return addDevice(command)
    .option("--nproc <int>", "images read ahead while the network computes", wholeNumber(0), 2)
    .option(
      "--batch_size <int>",
      "patches, regions or slices of an image per batch; whole images are processed one by one",
      wholeNumber(1),
      2,
    );
}

/** Which networks of a model folder. */
export function addModelSelection(command: Command): Command {
  return command
    .optionsGroup("Model selection:")
    .addOption(
      new Option(
        "--selection <metric...>",
        "validation metric by which the network was selected during training, as the folder calls it: best_loss, loss, …; " +
          "several can be given; if the default is missing, the only existing one, or best_loss, is used (default: " +
          "best_balanced_accuracy)",
      ),
    )
    .option("--folds <int...>", "cross-validation folds to use (default: all)", wholeNumberList)
    .addOption(weightsKey());
}

/** Which state dict of a checkpoint. */
export function weightsKey(): Option {
  return new Option(
    "--weights_key <key>",
    "if a checkpoint holds several state dicts that fit, such as weights and their averages, the key of the one to use: " +
      "model_ema, or with dots state_dict.ema_model",
  );
}

/** What an ONNX file does not state itself. */
export function addOnnx(command: Command): Command {
  return command
    .option(
      "--output <name>",
      "output with the logits (default: the first); a final softmax or sigmoid is left out",
    )
    .option(
      "--preprocess <step...>",
      "preprocessing of each image, in this order: rgb, grey, min-max, z-score, scale=<factor>, mean=<per channel>, " +
        "std=<per channel>, resize=<length per axis>; or none (default: what the metadata of the file states, else none)",
    );
}

/** Images that a table or a BIDS folder names. */
export function addImages(command: Command): Command {
  return command
    .option(
      "--images <path>",
      "instead of a CAPS: a table (.tsv, .csv) with the columns participant_id, image and, optionally, " +
        "session_id and labels; or the folder of a BIDS dataset or derivative",
    )
    .option(
      "--bids_filter <key=value...>",
      "which images of a BIDS folder: suffix=T1w, session=M00, space=…; a key twice: either value (default: those of the " +
        "pipeline that the model was trained with)",
    )
    .option(
      "--label <column>",
      "column of --images with the labels (default: that of the model, else diagnosis)",
    )
    .option(
      "--masks <path>",
      "with --images, for networks of regions: CAPS with the masks (default: the CAPS of the training)",
    )
    .option(
      "--label_code <value=node...>",
      "for an ONNX file, which label is which output node: CN=0 AD=1 (labels that are numbers are the nodes)",
    );
}

/** Images and labels. */
export function addData(command: Command): Command {
  return addImages(command.optionsGroup("Data management:"))
    .option(
      "--tsv_path <path>",
      "folder of label lists <diagnosis>.tsv with the columns participant_id and session_id, or one TSV that also has " +
        "the column diagnosis; a folder may have labels.tsv or train.tsv instead (default: the lists of the training, which " +
        "a MAPS has in groups/)",
    )
    .option(
      "--data_group <name>",
      "list of a MAPS to take the sessions from: a folder in its groups/ (default: train)",
    )
    .option(
      "--caps_dir <path>",
      "CAPS folder with the images (default: that of the data group, else that of the training)",
    )
    .option(
      "--baseline",
      "use first visits only: read <diagnosis>_baseline.tsv instead of <diagnosis>.tsv",
      false,
    )
    .option(
      "--multi_cohort",
      "--caps_dir and --tsv_path are TSV files that list cohorts, with the columns cohort and path; --tsv_path also has " +
        "the column diagnoses; or --images is such a table, whose paths are tables of images or BIDS folders",
      false,
    )
    .addOption(
      new Option(
        "--voting <weights>",
        "for networks of patches, regions or slices, how the votes on the class of an image are weighted: by the accuracy " +
          "of each on the validation set, or equally",
      )
        .choices(["validation", "uniform"])
        .default("validation"),
    )
    .addOption(
      new Option(
        "--on_error <reaction>",
        "when an image is missing or damaged: skip the session, list it in errors.tsv and end with the status 3, or stop",
      )
        .choices(["skip", "stop"])
        .default("skip"),
    );
}

/** @param below - The folders below the output folder, as the help shows them. */
export function addOutput(command: Command, below: string): Command {
  return command
    .option("--output_dir <path>", `folder in which ${below} is written (default: the model folder)`)
    .option("--overwrite", "replace an existing result of the same name", false)
    .option("-v, --verbose", "print a stack trace for unexpected errors", false);
}

/** How a job is cut into pieces and gone on with. */
export function addSplit(command: Command): Command {
  return command
    .optionsGroup("Large cohorts:")
    .option(
      "--resume",
      "continue a job of this name: finished sessions are not computed again (also works for a first start; the options must be the same)",
      false,
    )
    .option(
      "--shard <i/n>",
      "compute part i of n and stop; voxplain merge makes the result when all parts are finished",
      shardOf,
    )
    .option(
      "--trust_mtime",
      "with --resume, treat an image of the same size and modification time as unchanged instead of reading it",
      false,
    )
    .option(
      "--break_lock",
      "remove the lock of another process on this result; only when that process has ended",
      false,
    )
    .addOption(noFsync());
}

/** For every command that writes results. */
export function noFsync(): Option {
  return new Option(
    "--no_fsync",
    "do not wait until results are on the disk, for scratch file systems",
  ).default(false);
}

/** For commands over a cohort. */
export function addDryRun(command: Command): Command {
  return command.option(
    "--dry_run",
    "check everything and print the networks, sessions, parts, passes and bytes on the disk, without computing or writing anything",
    false,
  );
}

/** How a map is computed. */
export function addMethod(command: Command): Command {
  return command
    .optionsGroup("Method:")
    .option("--method <name>", 'attribution method; "voxplain methods" lists them', "gradients")
    .option("--method_options <name=value...>", "options of the method, for example steps=32 baseline=blur")
    .option("--layer <value>", "layer for class activation maps (default: the last with spatial axes)")
    .option("--seed <int>", "random seed, for stochastic methods", wholeNumber(0))
    .option(
      "--chunk_size <int>",
      "inputs per pass, for methods that run the network many times; bounds memory and changes maps by rounding only",
      wholeNumber(1),
    )
    .option(
      "--checks [name...]",
      "run quality checks on each map and write checks.tsv and plots: completeness, cascading-randomization, " +
        "independent-randomization, deletion-insertion, infidelity, max-sensitivity (default: all); they run the network " +
        "many times",
    );
}
