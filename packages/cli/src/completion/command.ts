import { Argument, type Command } from "commander";

export function addCompletion(program: Command): void {
  program
    .command("completion")
    .summary("lets the Tab key complete commands and options")
    .description("Prints a script for a shell that completes commands, options and their values.")
    .addArgument(new Argument("<shell>", "shell that reads the script").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", examples)
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { completionScript } = await import("./run.ts");
      process.stdout.write(completionScript(program, shell));
    });
}

const examples = `
To have it in every new shell:
  bash: voxplain completion bash > ~/.local/share/bash-completion/completions/voxplain
  zsh:  voxplain completion zsh > a folder of $fpath/_voxplain
  fish: voxplain completion fish > ~/.config/fish/completions/voxplain.fish`;
