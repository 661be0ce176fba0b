import { withEscapes } from "@voxplain/core";

/** Writes lines to standard output. Names of files in them neither move the cursor of a terminal nor forge a line. */
export function printLines(...lines: readonly string[]): void {
  process.stdout.write(escaped(lines));
}

/** Writes a text of lines, of which the last one is empty, in the same way. In JSON the escapes mean what they stand for. */
export function printText(text: string): void {
  printLines(...text.replace(/\n$/, "").split("\n"));
}

/** Writes lines to standard error, in the same way. */
export function sayLines(...lines: readonly string[]): void {
  process.stderr.write(escaped(lines));
}

function escaped(lines: readonly string[]): string {
  return lines.map((line) => `${withEscapes(line)}\n`).join("");
}
