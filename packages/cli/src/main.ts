import { createProgram } from "./program.ts";
import { exitStatusOf } from "./report-error.ts";

/** Runs the command line `voxplain …argv` and resolves to its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await createProgram(argv).parseAsync(withLongNames(argv), { from: "user" });
    return 0;
  } catch (error) {
    return exitStatusOf(error, argv);
  }
}

/** The old program's short names of two letters and more, which POSIX parsers cannot take. */
const shortNames: Readonly<Record<string, string>> = { "-cpu": "--use_cpu", "-np": "--nproc" };

function withLongNames(argv: readonly string[]): string[] {
  return argv.map((argument) => shortNames[argument] ?? argument);
}
