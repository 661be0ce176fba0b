import { sayLines } from "./print-lines.ts";

let failed = false;

/**
 * Lets a command continue when its output cannot be written. Output that is no longer read, as in `voxplain inspect … | head -1`, is
 * lost; results and exit status are not. Another failure of standard output, such as a full disk, is reported once on standard error;
 * a failure of standard error cannot be reported.
 */
export function keepPrinting(): void {
  failed = false;
  if (!process.stdout.listeners("error").includes(onOutputError)) process.stdout.on("error", onOutputError);
  if (!process.stderr.listeners("error").includes(ignore)) process.stderr.on("error", ignore);
}

/** @returns The exit status of a command: 1 where all was done but to print what came out. */
export async function statusOfPrinting(ofCommand: number): Promise<number> {
  // Errors of what was printed last come after it.
  await new Promise(setImmediate);
  return ofCommand === 0 && failed ? 1 : ofCommand;
}

function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED" || failed) return;
  failed = true;
  sayLines(
    `voxplain: cannot print to standard output: ${error.message}; what is computed is written all the same`,
  );
}

function ignore(): void {}
