import type { Command } from "commander";

export function addMethods(program: Command): void {
  program
    .command("methods")
    .summary("the methods that interpret and explain know")
    .description("Lists the attribution methods: what each map shows, where it is from, and its options.")
    .action(async () => {
      const { describeMethods } = await import("./describe-methods.ts");
      process.stdout.write(`${describeMethods()}\n`);
    });
}
