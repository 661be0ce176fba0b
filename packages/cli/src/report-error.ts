import { type ErrorCode, isVoxplainError } from "@voxplain/core";
import { sayLines } from "./print-lines.ts";

/** 0 done, 1 the job failed, 2 wrong usage, 130 interrupted. */
const exitStatuses: Readonly<Partial<Record<ErrorCode, number>>> = { "invalid-argument": 2 };

/** Says on stderr what went wrong, and gives the exit status for it. */
export function exitStatusOf(error: unknown, argv: readonly string[]): number {
  if (isCommanderError(error)) {
    // Help and version end this way too; commander has already written its message.
    return error.exitCode === 0 ? 0 : 2;
  }
  if (isVoxplainError(error)) {
    // Several problems have a line each.
    sayLines(...`voxplain: ${error.message}`.split("\n"));
    return exitStatuses[error.code] ?? 1;
  }
  if (isSystemError(error)) {
    sayLines(`voxplain: the system refused it: ${error.message}; fix that and run the command again`);
    return 1;
  }
  if (isOutOfMemory(error)) {
    sayLines(
      `voxplain: there is not enough memory (${error.message}): give the command more, or let it take less at once (--nproc, --batch_size, --chunk_size)`,
    );
    return 1;
  }
  const unexpected = error instanceof Error ? error : new Error(String(error));
  const isVerbose = argv.includes("-v") || argv.includes("--verbose");
  sayLines(
    `voxplain: an unexpected error, please report it: ${unexpected.message}`,
    ...(isVerbose ? `${unexpected.stack}`.split("\n") : ["(-v shows where)"]),
  );
  return 1;
}

/** A refusal of the disk or of the network of this machine: its message names the file. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error && "errno" in error;
}

/** What V8 throws where the system gives no memory for an array, also below a limit of addresses (`ulimit -v`). */
function isOutOfMemory(error: unknown): error is RangeError {
  return error instanceof RangeError && error.message === "Array buffer allocation failed";
}

function isCommanderError(error: unknown): error is Error & { exitCode: number } {
  return (
    error instanceof Error &&
    "exitCode" in error &&
    "code" in error &&
    String(error.code).startsWith("commander.")
  );
}
