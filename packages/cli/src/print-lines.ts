import { withEscapes } from "@voxplain/core";

/** Writes lines to standard output. Names of files in them neither move the cursor of a terminal nor forge a line. */
export function printLines(...lines: readonly string[]): void {
  process.stdout.write(`${lines.map(withEscapes).join("\n")}\n`);
}
