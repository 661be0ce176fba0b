import type { Command } from "commander";
import type { PredictOptions } from "../predict/options.ts";
import type { CommandContext } from "./program.ts";
import { addData, addModelSelection, addOutput, addResources } from "./shared-options.ts";

export function addPredict(program: Command, { argv, onStatus }: CommandContext): void {
  const command = program
    .command("predict")
    .summary("what a trained model says of the images of a cohort")
    .description(
      "Computes logits and probabilities of every image and, where a network sees patches, regions or slices, of\n" +
        "every part and of the image by soft voting; and how good they are.",
    )
    .argument("<model_path>", "folder that holds commandline.json and fold-<i>/");
  addData(addModelSelection(addResources(command)))
    .option(
      "-d, --diagnoses <name...>",
      "diagnoses whose sessions are loaded (default: those of the training)",
    )
    .optionsGroup("Results:")
    .option("--name <name>", "name of this task: the folder its results are written to", "all");
  addOutput(command, "fold-<i>/predictions/…")
    .addHelpText("after", examples)
    .action(async (modelPath: string, options: Omit<PredictOptions, "model_path">) => {
      const { predict } = await import("../commands/predict.ts");
      onStatus(await predict({ ...options, model_path: modelPath }, ["voxplain", ...argv]));
    });
}

const examples = `
Results, per fold and selection, in <output_dir or model_path>/fold-<i>/predictions/<selection>/<name>/:
  predictions.tsv          a row per session: label, prediction, logits (not of votes), probabilities
  <mode>_predictions.tsv   a row per patch, region or slice
  metrics.tsv              balanced accuracy, sensitivity, specificity and AUC: of images, of parts, of each part
  data.tsv, commandline.json, provenance.json, errors.tsv: as voxplain interpret writes them

Example:
  voxplain predict my_model --use_cpu --diagnoses AD CN --caps_dir /data/caps --tsv_path /data/labels`;
