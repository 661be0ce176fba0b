import type { Command } from "commander";
import type { CommandContext } from "../command-line/program.ts";
import { addData, addModelSelection, addOutput, addResources } from "../command-line/shared-options.ts";
import type { PredictOptions } from "./options.ts";

export function addPredict(program: Command, { argv, onStatus }: CommandContext): void {
  const command = program
    .command("predict")
    .summary("what a trained model says of the images of a cohort")
    .description(
      "Computes logits and probabilities of every image and, where a network sees patches, regions or slices, of " +
        "every part and of the image by soft voting; and, where diagnoses are known, how good they are.",
    )
    .argument("<model_path>", "folder that holds commandline.json and fold-<i>/");
  addData(addModelSelection(addResources(command)))
    .option(
      "-d, --diagnoses <name...>",
      "diagnoses whose images are predicted (default: those of the training; of one TSV without a column " +
        "diagnosis all images)",
    )
    .optionsGroup("Results:")
    .option("--name <name>", "name of this task: the folder its results are written to", "all");
  addOutput(command, "fold-<i>/predictions/…")
    .addHelpText("after", examples)
    .action(async (modelPath: string, options: Omit<PredictOptions, "model_path">) => {
      const { predict } = await import("./run.ts");
      onStatus(await predict({ ...options, model_path: modelPath }, ["voxplain", ...argv]));
    });
}

const examples = `
Results, per fold and selection, in <output_dir or model_path>/fold-<i>/predictions/<selection>/<name>/:
  predictions.tsv          a row per session: true and predicted label (CN and sMCI are 0, the others 1), logits (not
                           of votes), probabilities
  <mode>_predictions.tsv   a row per patch, region or slice
  metrics.tsv              balanced accuracy, sensitivity, specificity and AUC: of images, of parts, of each part;
                           not where diagnoses are unknown
  data.tsv, commandline.json, provenance.json, errors.tsv: as voxplain interpret writes them

Exit status: 0 done; 1 failed; 2 wrong usage; 3 done, but sessions were skipped.

Examples:
  voxplain predict my_model --use_cpu --diagnoses AD CN --caps_dir /data/caps --tsv_path /data/labels
  voxplain predict my_model --use_cpu --caps_dir /data/caps --tsv_path new_patients.tsv --output_dir results`;
