import type { Command } from "commander";
import { weightsKey } from "../command-line/shared-options.ts";

interface InspectOptions {
  readonly devices: boolean;
  readonly json: boolean;
  readonly weights_key?: string;
}

export function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("describe a model or a folder; list the devices of this machine")
    .description(
      "For a model folder: which version of ClinicaDL wrote it, task and classes, architecture, parts, folds and selections, " +
        "data groups, which networks are missing or cannot be loaded, and the command that would explain it.\n" +
        "For an ONNX file: inputs, outputs and layers.\n" +
        "For a CAPS, a BIDS dataset, a table, and folders above or in a model folder: what they are, and what to do with them.\n" +
        "With --devices: which devices can be used on this machine, and why the others cannot.",
    )
    .argument(
      "[model_path]",
      "model folder (commandline.json or maps.json), ONNX file, or a folder or table of images",
    )
    .option("--devices", "list the devices of this machine", false)
    .option("--json", "print JSON", false)
    .addOption(weightsKey())
    .action(async (modelPath: string | undefined, options: InspectOptions, command: Command) => {
      if (options.devices) {
        const { inspectDevices } = await import("./devices.ts");
        return inspectDevices(options);
      }
      if (modelPath === undefined) command.error("error: missing required argument 'model_path'");
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
