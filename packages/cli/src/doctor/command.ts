import type { Command } from "commander";
import type { CommandContext } from "../command-line/program.ts";

export function addDoctor(program: Command, { onStatus }: CommandContext): void {
  program
    .command("doctor")
    .summary("what a bug report should tell; tests that gradients are right here")
    .description(
      "Prints versions, processor, memory, devices and packages, and compares a gradient with one that is known,\n" +
        "on the CPU and on every graphics card that works. Exit status 1: it is wrong.\n" +
        "What it prints holds no name of a user, a machine or a home folder.",
    )
    .action(async () => {
      const { doctor } = await import("./run.ts");
      onStatus(await doctor());
    });
}
