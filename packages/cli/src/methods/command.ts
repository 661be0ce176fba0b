import type { Command } from "commander";

export function addMethods(program: Command): void {
  program
    .command("methods")
    .summary("list the attribution methods and their options")
    .description(
      "Lists the attribution methods of interpret and explain: what each map shows, its paper, and its options.",
    )
    .action(async () => {
      const { describeMethods } = await import("./describe-methods.ts");
      process.stdout.write(`${describeMethods()}\n`);
    });
}
