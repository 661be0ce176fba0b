import { Argument, type Command } from "commander";

export function addCompletion(program: Command): void {
  program
    .command("completion")
    .summary("print a shell completion script")
    .description("Prints a script that completes commands, options and their values in a shell.")
    .addArgument(new Argument("<shell>", "shell to complete in").choices(["bash", "zsh", "fish"]))
    // Behind the shell, the script gives the words of a line, of which it completes the last.
    .allowExcessArguments()
    .addHelpText("after", examples)
    .action(async (shell: "bash" | "zsh" | "fish", _, { args }: Command) => {
      const words = args.slice(1);
      if (words.length === 0) {
        const { scripts } = await import("./scripts.ts");
        process.stdout.write(scripts[shell]);
        return;
      }
      const { offersFor, printed } = await import("./offers.ts");
      process.stdout.write(printed(await offersFor(program, words), shell));
    });
}

const examples = `
To install it for every new shell:
  bash: voxplain completion bash > ~/.local/share/bash-completion/completions/voxplain
  zsh:  voxplain completion zsh > <a folder in $fpath>/_voxplain
  fish: voxplain completion fish > ~/.config/fish/completions/voxplain.fish`;
