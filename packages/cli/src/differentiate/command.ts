import type { Command } from "commander";
import { noFsync } from "../command-line/shared-options.ts";
import { wholeNumbers } from "../command-line/values.ts";
import type { DifferentiateArguments } from "./run.ts";

export function addDifferentiate(program: Command): void {
  program
    .command("differentiate")
    .summary("write the gradient of an ONNX network as an ONNX network")
    .description(
      "Writes an ONNX file that computes the outputs of the network and the derivatives of one of them. " +
        "Any ONNX Runtime, in any language, runs it.",
    )
    .argument("<model.onnx>", "the network")
    .requiredOption("-o, --output <path>", "file to write")
    .option(
      "--of <value>",
      "value to differentiate, for example the logits before a softmax; voxplain inspect lists the values (default: the first output)",
    )
    .option(
      "--with_respect_to <value...>",
      "inputs or layers to differentiate with respect to (default: the first input)",
    )
    .option(
      "--shape <lengths>",
      "shape of the first input without the batch axis, where the file leaves it open: 1,64,64,64",
      wholeNumbers,
    )
    .option("--overwrite", "replace an existing ONNX file", false)
    .addOption(noFsync())
    .action(async (model: string, options: Omit<DifferentiateArguments, "model">) => {
      const { runDifferentiate } = await import("./run.ts");
      await runDifferentiate({ ...options, model });
    });
}
