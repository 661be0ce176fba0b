import type { Command } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { addHelp } from "../command-line/help.ts";
import {
  addData,
  addDryRun,
  addModelSelection,
  addOnnx,
  addOutput,
  addResources,
  addSplit,
} from "../command-line/shared-options.ts";
import type { PredictOptions } from "./options.ts";

export function addPredict(program: Command, { argv, onStatus }: CommandContext): void {
  const command = program
    .command("predict")
    .summary("compute predictions and metrics of a trained model over a cohort")
    .description(
      "Computes logits and probabilities for every image, and metrics if diagnoses are known. For networks of patches, " +
        "regions or slices: also for each of these, and by soft voting for the image.",
    )
    .argument(
      "<model_path>",
      "model folder of ClinicaDL, with commandline.json and fold-<i>/ (0.2) or maps.json and split-<i>/ (1.x, MAPS); or ONNX file, with " +
        "--images",
    );
  addOnnx(addModelSelection(addResources(command)).optionsGroup("ONNX files:"));
  addData(command)
    .option(
      "-d, --diagnoses <name...>",
      "diagnoses of the images to predict (default: those of the training; all images of a data group, of one TSV without " +
        "a column diagnosis, of --images, and for a model that was trained on another label)",
    )
    .optionsGroup("Results:")
    .option("--name <name>", "name of the result folder", "all");
  addDryRun(addSplit(addOutput(command, "<fold>/predictions/…"))).action(
    async (modelPath: string, options: Omit<PredictOptions, "model_path">) => {
      const { predict } = await import("./run.ts");
      onStatus(await predict({ ...options, model_path: modelPath }, ["voxplain", ...argv]));
    },
  );
  addHelp(command, argv, {
    mostUsed: [
      ...["--use_cpu", "--selection", "--images", "--tsv_path", "--caps_dir", "--diagnoses"],
      ...["--on_error", "--name", "--output_dir", "--overwrite"],
    ],
    more: results,
    examples,
  });
}

const results = `Results, per fold and selection, in <output_dir or model_path>/<fold>/predictions/<selection>/<name>/ (<fold>: fold-<i>, or split-<i> in a MAPS), or for an ONNX file in predictions/<name>/:
  predictions.tsv          one row per session: true and predicted label (the class's number; in folders of ClinicaDL 0.2 CN
                           and sMCI are 0, the others 1), logits (none for votes), probabilities; for a regression, the
                           true and the predicted number
  <mode>_predictions.tsv   one row per patch, region or slice
  metrics.tsv              balanced accuracy, sensitivity, specificity and AUC (for each class where there are three or
                           more), or for a regression mean absolute error, root mean squared error and R²: for images, for
                           all patches, regions or slices, and for each; not written where labels are unknown. For a MAPS,
                           positive_label names the positive class: AD, else class 1
  data.tsv, commandline.json, provenance.json, errors.tsv: as voxplain interpret writes them

Exit status: 0 done, 1 failed, 2 wrong usage, 3 done, but sessions were skipped.`;

const examples = `Examples:
  voxplain predict my_model --use_cpu --diagnoses AD CN --caps_dir /data/caps --tsv_path /data/labels
  voxplain predict my_model --use_cpu --caps_dir /data/caps --tsv_path new_patients.tsv --output_dir results
  voxplain predict my_model --use_cpu --images /data/cohort.tsv --output_dir results`;
