import type { Command } from "commander";

interface InspectOptions {
  readonly devices: boolean;
  readonly json: boolean;
}

export function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("what a model holds; what this machine can compute with")
    .description(
      "Tells the architecture, the mode, the folds and selections of a model folder, and what is missing in it;\n" +
        "of an ONNX file its inputs, outputs and layers.\n" +
        "With --devices: which processors and graphics cards can be used here, and why the others cannot.",
    )
    .argument("[model_path]", "folder that holds commandline.json and fold-<i>/, or an ONNX file")
    .option("--devices", "list the devices instead", false)
    .option("--json", "print JSON", false)
    .action(async (modelPath: string | undefined, options: InspectOptions, command: Command) => {
      if (options.devices) {
        const { inspectDevices } = await import("./devices.ts");
        return inspectDevices(options);
      }
      if (modelPath === undefined) command.error("error: missing required argument 'model_path'");
      if (modelPath.endsWith(".onnx")) {
        const { inspectOnnx } = await import("./onnx-file.ts");
        return inspectOnnx(modelPath, options);
      }
      const { inspect } = await import("./model-folder.ts");
      return inspect(modelPath, options);
    });
}
