import { Argument, type Command, Option } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { addHelp } from "../command-line/help.ts";
import {
  addData,
  addDryRun,
  addMethod,
  addModelSelection,
  addOnnx,
  addOutput,
  addResources,
  addSplit,
} from "../command-line/shared-options.ts";
import { positiveNumber, truth, wholeNumber } from "../command-line/values.ts";
import type { InterpretOptions } from "./options.ts";

export function addInterpret(
  program: Command,
  { argv, isTyped, onStatus, methodOptions }: CommandContext,
): void {
  const command = program
    .command("interpret")
    .summary("compute saliency maps of a trained model over a cohort")
    .description(
      "Computes saliency maps: by default the gradient of the logit of a diagnosis with respect to the network's input.\n" +
        "Reads model folders of ClinicaDL 0.2 and 1.x (MAPS) and CAPS datasets directly.",
    )
    .addArgument(
      new Argument("<level>", "group: the mean map of all images; individual: one map per image").choices([
        "group",
        "individual",
      ]),
    )
    .argument(
      "<model_path>",
      "model folder of ClinicaDL, with commandline.json and fold-<i>/ (0.2) or maps.json and split-<i>/ (1.x, MAPS); or ONNX file, with " +
        "--images",
    )
    .argument("<name>", "name of the result folder");
  addOnnx(addModelSelection(addResources(command)).optionsGroup("ONNX files:"));
  addData(command)
    .option(
      "-d, --diagnosis <name>",
      "diagnosis of the images to explain: AD, CN, … (default: AD; all images for a model that was trained on another " +
        "label)",
    )
    .option(
      "--target_diagnosis <name>",
      "diagnosis whose logit is explained: one that the model knows; in folders of ClinicaDL 0.2 CN and sMCI are class 0, " +
        "AD, BV, MCI and pMCI class 1 (default: --diagnosis)",
    )
    .option(
      "--target_label <value>",
      "label whose logit is explained: a value of the column that the model was trained on, or of --label",
    )
    .option("--target_node <int>", "class whose logit is explained, by its number", wholeNumber(0))
    .option(
      "--keep_true <bool>",
      "true: only correctly classified images; false: only misclassified images; for networks of patches, regions or " +
        "slices the image-level vote decides (default: all images)",
      truth,
    )
    .option(
      "--nifti_template_path <path>",
      "NIfTI image with the shape of the images, whose affine is written to the maps (default: the affine of each image, " +
        "where it has one)",
    );
  addMethod(command)
    .optionsGroup("Results:")
    .option(
      "--through_normalization",
      "explain the intensities of the image: carry the gradient back through the min-max normalization (default: explain " +
        "the normalized input of the network)",
      false,
    )
    .option(
      "--vmax <float>",
      "upper end of the colour scale of map.jpg, for 2D images and slices",
      positiveNumber,
      0.5,
    )
    .addOption(
      new Option(
        "--pictures <choice>",
        "maps that are drawn: all; none; or at individual level a summary, which is the mean map and the five sessions whose maps resemble " +
          "the others least",
      )
        .choices(["none", "summary", "all"])
        .default("all"),
    );
  addDryRun(addSplit(addOutput(command, "<fold>/gradients/…"))).action(
    async (level: string, modelPath: string, name: string, options: InterpretOptions) => {
      const { interpret } = await import("./run.ts");
      const chosen = level === "group" ? "group" : "individual";
      const words = { command: ["voxplain", ...argv], ...(isTyped !== undefined && { isTyped }) };
      onStatus(await interpret({ ...options, level: chosen, model_path: modelPath, name }, words));
    },
  );
  addHelp(command, argv, {
    mostUsed: [
      ...["--use_cpu", "--images", "--tsv_path", "--caps_dir", "--diagnosis", "--target_diagnosis"],
      ...["--method", "--method_options", "--output_dir", "--overwrite"],
    ],
    more: [methodOptions, results].filter((text) => text !== undefined).join("\n\n"),
    examples,
  });
}

const results = `Results, per fold and selection, in <output_dir or model_path>/<fold>/gradients/<selection>/<name>/ (<fold>: fold-<i>, or split-<i> in a MAPS), or for an ONNX file in gradients/<name>/:
  map.npy            the map: [X, Y, Z], of the first channel; at individual level [channels, X, Y, Z], in
                     <participant>/<session>/, or in <cohort>/<participant>/<session>/ where two cohorts contain the same
                     participant and session
  map.nii.gz         the first channel for NIfTI viewers (3D); map.jpg for 2D images
  map.png            three planes through the strongest voxel, over the anatomy (3D); --pictures chooses the maps
  predictions.tsv    logits and probabilities of every session
  data.tsv           the sessions that were used
  errors.tsv         the sessions that were skipped, and why
  checks.tsv         with --checks: the results of the checks of each map; checks_*.png: their mean curves
  commandline.json   every option, to repeat the run; provenance.json: versions, hashes, durations
For networks of patches, regions or slices, map.* is the mean over all of them, and there are also:
  recomposed.*       the maps at their positions in the image, averaged where they overlap; channels are summed
  coverage.nii.gz    how many maps contribute to each voxel
  parts/<part>/map.* at individual level, the map of each patch, region or slice
  <mode>_predictions.tsv   the prediction for each patch, region or slice; predictions.tsv has the image-level vote

Finished sessions are kept in .<name>.sessions beside the result until it is complete: --resume continues with them, --shard computes a
part, voxplain merge makes the result of the parts, voxplain status lists what is finished.

Exit status: 0 done (of a part: its sessions are finished or skipped), 1 failed, 2 wrong usage, 3 done, but sessions were skipped.`;

const examples = `Examples:
  voxplain interpret group my_model AD_map --use_cpu
  voxplain interpret group my_model AD_ig --use_cpu --method integrated-gradients --method_options steps=64
  voxplain interpret individual my_model CN_errors --use_cpu --diagnosis CN --keep_true false \\
      --caps_dir /data/caps --tsv_path /data/labels --output_dir results
  voxplain interpret individual my_model AD_map --use_cpu --images /data/cohort.tsv
  voxplain interpret group network.onnx AD_map --use_cpu --images /data/bids --bids_filter suffix=T1w \\
      --preprocess min-max --target_node 1`;
