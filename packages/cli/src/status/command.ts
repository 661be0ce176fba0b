import type { Command } from "commander";
import type { KeptQuery } from "../job/kept-results.ts";
import { addKeptQuery } from "../merge/command.ts";

export function addStatus(program: Command): void {
  const command = program
    .command("status")
    .summary("progress of a job: finished, skipped and missing sessions")
    .description(
      "Lists the finished, skipped and missing sessions of a job, the processes that work on it, its size on the disk and the time that " +
        "the rest will take.",
    );
  addKeptQuery(command)
    .option("-v, --verbose", "print a stack trace for unexpected errors", false)
    .action(async (modelPath: string, name: string, options: Omit<KeptQuery, "model_path" | "name">) => {
      const { status } = await import("./run.ts");
      await status({ ...options, model_path: modelPath, name });
    });
}
