import type { Command } from "commander";
import { addImages, addOnnx, weightsKey } from "../command-line/shared-options.ts";
import type { InspectedImages } from "./images.ts";

interface InspectOptions extends InspectedImages {
  readonly devices: boolean;
  readonly json: boolean;
  readonly weights_key?: string;
}

export function addInspect(program: Command): void {
  const inspect = program
    .command("inspect")
    .summary("describe a model or a folder; list the devices of this machine")
    .description(
      "For a model folder: which version of ClinicaDL wrote it, task and classes, architecture, parts, folds and selections, " +
        "data groups, which networks are missing or cannot be loaded, and the command that would explain it.\n" +
        "For an ONNX file: inputs, outputs and layers.\n" +
        "For a CAPS, a BIDS dataset, a table, images, and folders above or in a model folder: what they are, and what to run next.\n" +
        "With --images: which of the images of a table or a BIDS folder the model can use, and why not the others.\n" +
        "With --devices: which devices can be used on this machine, and why the others cannot.",
    )
    .argument(
      "[model_path]",
      "model folder (commandline.json or maps.json), ONNX file, or a folder or table of images",
    )
    .option("--devices", "list the devices of this machine", false)
    .option("--json", "print JSON", false)
    .addOption(weightsKey());
  addOnnx(addImages(inspect))
    .option("--multi_cohort", "--images is a table of cohorts, with the columns cohort and path", false)
    .action(async (modelPath: string | undefined, options: InspectOptions, command: Command) => {
      if (options.devices) {
        const { inspectDevices } = await import("./devices.ts");
        return inspectDevices(options);
      }
      if (modelPath === undefined) command.error("error: missing required argument 'model_path'");
      const { images } = options;
      if (images !== undefined) {
        if (options.json)
          command.error("error: --images prints text, and --json prints JSON: give one of them");
        const { inspectImages } = await import("./images.ts");
        return inspectImages(modelPath, { ...options, images });
      }
      if (modelPath.endsWith(".onnx")) {
        if (options.weights_key !== undefined) {
          command.error(
            "error: --weights_key chooses among the state dicts of a checkpoint; an ONNX file has none",
          );
        }
        const { inspectOnnx } = await import("./onnx-file.ts");
        return inspectOnnx(modelPath, options);
      }
      const { inspectPath } = await import("./inspect-path.ts");
      return inspectPath(modelPath, options);
    });
}
