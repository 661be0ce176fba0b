import type { Command } from "commander";

interface InspectOptions {
  readonly devices: boolean;
  readonly json: boolean;
}

export function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("what a model folder holds; what this machine can compute with")
    .description(
      "Tells the architecture, the mode, the folds and selections of a model folder, and what is missing in it.\n" +
        "With --devices: which processors and graphics cards can be used here, and why the others cannot.",
    )
    .argument("[model_path]", "folder that holds commandline.json and fold-<i>/")
    .option("--devices", "list the devices instead", false)
    .option("--json", "print JSON", false)
    .action(async (modelPath: string | undefined, options: InspectOptions, command: Command) => {
      if (options.devices) {
        const { inspectDevices } = await import("../commands/devices.ts");
        return inspectDevices(options);
      }
      if (modelPath === undefined) command.error("error: missing required argument 'model_path'");
      const { inspect } = await import("../commands/inspect.ts");
      return inspect(modelPath, options);
    });
}
