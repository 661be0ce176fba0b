import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-line/program.ts";
import {
  addData,
  addMethod,
  addModelSelection,
  addOutput,
  addResources,
} from "../command-line/shared-options.ts";
import { positiveNumber, truth } from "../command-line/values.ts";
import type { InterpretOptions } from "./options.ts";

export function addInterpret(program: Command, { argv, onStatus, methodOptions }: CommandContext): void {
  const command = program
    .command("interpret")
    .summary("saliency maps of a trained model over a cohort")
    .description(
      "Computes saliency maps: the gradient of the logit of a diagnosis with respect to the network's input.\n" +
        "Reads model folders of ClinicaDL 0.2 and CAPS folders as they are.",
    )
    .addArgument(
      new Argument("<level>", "group: the mean map of all images; individual: a map of each image").choices([
        "group",
        "individual",
      ]),
    )
    .argument("<model_path>", "folder that holds commandline.json and fold-<i>/")
    .argument("<name>", "name of this task: the folder its results are written to");
  addData(addModelSelection(addResources(command)))
    .option(
      "-d, --diagnosis <name>",
      "diagnosis whose images are explained: AD, BV, CN, MCI, sMCI or pMCI",
      "AD",
    )
    .option(
      "--target_diagnosis <name>",
      "diagnosis whose logit is explained: CN and sMCI are class 0, the others class 1 (default: as --diagnosis)",
    )
    .option(
      "--keep_true <bool>",
      "true: only images that the network classifies correctly; false: only the others (default: all)",
      truth,
    )
    .option(
      "--nifti_template_path <path>",
      "NIfTI image of the same shape, whose affine the maps get (default: the affine of the images, if known)",
    );
  addMethod(command)
    .optionsGroup("Results:")
    .option(
      "--through_normalization",
      "gradients with respect to the intensities of the image, carried back through the min-max normalisation; " +
        "without it with respect to the network's input",
      false,
    )
    .option(
      "--vmax <float>",
      "end of the colour scale of map.jpg, for 2D images and slices",
      positiveNumber,
      0.5,
    );
  addOutput(command, "fold-<i>/gradients/…")
    .addHelpText("after", methodOptions === undefined ? examples : `\n${methodOptions}\n${examples}`)
    .action(async (level: string, modelPath: string, name: string, options: InterpretOptions) => {
      const { interpret } = await import("./run.ts");
      const chosen = level === "group" ? "group" : "individual";
      onStatus(
        await interpret({ ...options, level: chosen, model_path: modelPath, name }, ["voxplain", ...argv]),
      );
    });
}

const examples = `
Results, per fold and selection, in <output_dir or model_path>/fold-<i>/gradients/<selection>/<name>/:
  map.npy            the map: [X, Y, Z]; at individual level [1, X, Y, Z], below <participant>/<session>/, or below
                     <cohort>/<participant>/<session>/ where two cohorts share a session
  map.nii.gz         the same for NIfTI viewers (3D); map.jpg for 2D images
  map.png            three planes through the strongest point, over the anatomy (3D)
  predictions.tsv    logits and probabilities of every session
  data.tsv           the sessions that were used
  errors.tsv         with --on_error skip: the sessions that could not be used, and why
  checks.tsv         with --checks: what was measured of each map; checks_*.png: the mean curves
  commandline.json   every option, to run the job again; provenance.json: versions, hashes, durations
Of networks that see patches, regions or slices, map.* is the mean over all of them, and there are also:
  recomposed.*       the maps put where the parts lie in the image, averaged where they overlap
  coverage.nii.gz    how many maps each voxel of it is the mean of
  parts/<part>/map.* at individual level the map of each part
  <mode>_predictions.tsv   what the network says of each part; predictions.tsv holds the image's vote

Exit status: 0 done; 1 failed; 2 wrong usage; 3 done, but sessions were skipped.

Examples:
  voxplain interpret group my_model AD_map --use_cpu
  voxplain interpret group my_model AD_ig --use_cpu --method integrated-gradients --method_options steps=64
  voxplain interpret individual my_model CN_errors --use_cpu --diagnosis CN --keep_true false \\
      --caps_dir /data/caps --tsv_path /data/labels --output_dir results`;
