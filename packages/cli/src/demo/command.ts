import type { Command } from "commander";
import type { DemoArguments } from "./run.ts";

/** @param voxplain - Runs the command line with other words. */
export function addDemo(program: Command, voxplain: (argv: readonly string[]) => Promise<unknown>): void {
  program
    .command("demo")
    .summary("explain two simulated brain images, and show where the maps are")
    .description(
      "Copies a small sample into a folder: two simulated brain images, a trained network and an atlas. Then runs inspect and " +
        "interpret on it, and prints where the maps are and what to try next. Takes a few seconds on the CPU; needs no internet connection.",
    )
    .option("--output_dir <path>", "folder to make", "voxplain-demo")
    .action(async (options: DemoArguments) => {
      const { demo } = await import("./run.ts");
      await demo(options, voxplain);
    });
}
