import type { Command } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";

export function addDoctor(program: Command, { onStatus }: CommandContext): void {
  program
    .command("doctor")
    .summary("print system information for bug reports and verify gradients on this machine")
    .description(
      "Prints versions, processor, memory, devices and packages, and compares a gradient with a known one, " +
        "on the CPU and on every GPU that works. Exit status 1: a gradient is wrong. " +
        "The output contains no user name, host name or home folder.",
    )
    .action(async () => {
      const { doctor } = await import("./run.ts");
      onStatus(await doctor());
    });
}
