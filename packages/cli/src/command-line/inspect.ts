import type { Command } from "commander";

export function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("what a model folder holds")
    .description(
      "Tells the architecture, the mode, the folds and selections of a model folder, and what is missing in it.",
    )
    .argument("<model_path>", "folder that holds commandline.json and fold-<i>/")
    .option("--json", "print JSON", false)
    .action(async (modelPath: string, options: { json: boolean }) => {
      const { inspect } = await import("../commands/inspect.ts");
      await inspect(modelPath, options);
    });
}
