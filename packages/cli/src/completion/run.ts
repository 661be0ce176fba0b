import { methods } from "@voxplain/saliency";
import type { Command } from "commander";
import { checkNames } from "../checks/choose-checks.ts";
import { bashCompletion } from "./bash.ts";
import { describeProgram } from "./describe-program.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `voxplain completion <shell>`, from the program itself, so that it knows what the program knows. */
export function completionScript(program: Command, shell: keyof typeof shells): string {
  const known = { "--method": Object.keys(methods), "--checks": ["all", ...checkNames], "--help": ["all"] };
  return shells[shell](describeProgram(program, known));
}
