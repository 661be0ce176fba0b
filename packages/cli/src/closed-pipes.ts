let failed = false;

/**
 * Lets a command go on when what it prints cannot be written. When nobody reads it any more, as in `voxplain inspect … | head -1`, it is
 * lost, and results and exit status are not. Another failure of standard output, as of a full disk, is said once on standard error; one
 * of standard error cannot be said.
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
  process.stderr.write(
    `voxplain: cannot print to standard output: ${error.message}; what is computed is written all the same\n`,
  );
}

function ignore(): void {}
