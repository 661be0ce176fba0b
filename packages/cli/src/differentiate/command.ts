import type { Command } from "commander";
import { wholeNumbers } from "../command-line/values.ts";
import type { DifferentiateArguments } from "./run.ts";

export function addDifferentiate(program: Command): void {
  program
    .command("differentiate")
    .summary("the gradient of an ONNX network as an ONNX network")
    .description(
      "Writes an ONNX file that computes, beside what the network computes, the derivatives of its output:\n" +
        "an ordinary model for any ONNX Runtime, in any language.",
    )
    .argument("<model.onnx>", "the network")
    .requiredOption("-o, --output <path>", "the file to write")
    .option(
      "--of <value>",
      "value that is differentiated, such as the logits before a softmax; voxplain inspect lists the values (default: the first output)",
    )
    .option(
      "--with_respect_to <value...>",
      "inputs or layers whose gradients are wanted (default: the first input)",
    )
    .option(
      "--shape <lengths>",
      "lengths of the first input behind the batch, where the file leaves them open: 1,64,64,64",
      wholeNumbers,
    )
    .option("--overwrite", "replace a file of that name", false)
    .action(async (model: string, options: Omit<DifferentiateArguments, "model">) => {
      const { differentiateFile } = await import("./run.ts");
      await differentiateFile({ ...options, model });
    });
}
