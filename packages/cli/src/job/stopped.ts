import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { commandLine } from "@voxplain/report";
import { type FinishedSessions, failureOf, noneUsable } from "@voxplain/study";
import type { RecordedTask } from "./recorded-task.ts";
import { sentence } from "./sentence.ts";

/** The end of a job because of a session (`--on_error stop`). */
export function stoppedAt(error: VoxplainError, done: number, count: number): VoxplainError {
  if (done === 0) return error;
  return new VoxplainError(
    error.code,
    `${sentence(error.message)} It stopped there, after ${done} of ${count} sessions; continue with --resume when it is repaired, or leave ` +
      "out the broken ones with --on_error skip",
    { cause: error, hasLines: error.hasLines },
  );
}

/**
 * What a job says when a signal ends it.
 * @param command - The words that continue it with `--resume`, where the user did not type them.
 */
export function stopSentence(done: number, count: number, command: readonly string[] | undefined): string {
  const how = command === undefined ? "run the command again with" : `continue with ${commandLine(command)}`;
  return `${done} of ${count} sessions are finished: ${how} --resume`;
}

/**
 * The end of a job because of the disk: what is finished stays. Other errors are as they were.
 * @param command - As of `stopSentence`.
 */
export function refusedAt(
  error: unknown,
  done: number,
  count: number,
  command: readonly string[] | undefined,
): unknown {
  if (!isVoxplainError(error) || error.code !== "io-failure" || done === 0) return error;
  const how = command === undefined ? "continue with" : `continue with ${commandLine(command)}`;
  return new VoxplainError(
    error.code,
    `${sentence(error.message)} ${done} of ${count} sessions are finished; ${how} --resume`,
    { cause: error },
  );
}

/** Why nothing comes out of finished sessions: all of them were skipped, or `--keep_true` leaves none; undefined where something does. */
export async function nothingLeft(
  finished: Pick<FinishedSessions, "at" | "read">,
  record: Pick<RecordedTask, "sessions" | "request" | "diagnoses">,
): Promise<VoxplainError | undefined> {
  const states = record.sessions.map((_, place) => finished.at(place));
  if (states.some((state) => state?.isKept)) return undefined;
  const count = states.filter((state) => state?.isComputed).length;
  return count === 0 ? noneUsable(await failuresOf(finished, record.sessions)) : noneKept(count, record);
}

function noneKept(
  count: number,
  { request: { keepTrue = false }, diagnoses }: Pick<RecordedTask, "request" | "diagnoses">,
): VoxplainError {
  const ofDiagnosis = diagnoses?.[0] === undefined ? "" : ` of ${diagnoses[0]}`;
  const outcome = keepTrue ? "none of them is classified correctly" : "all of them are classified correctly";
  return new VoxplainError(
    "not-found",
    `no session is left to explain: there are ${count}${ofDiagnosis}, and ${outcome} (--keep_true ${keepTrue})`,
  );
}

async function failuresOf(
  finished: Pick<FinishedSessions, "read">,
  list: RecordedTask["sessions"],
): Promise<readonly VoxplainError[]> {
  const errors: VoxplainError[] = [];
  for await (const { place, skipped } of finished.read()) {
    const session = list[place];
    if (skipped !== undefined && session !== undefined) errors.push(failureOf(session, skipped).error);
  }
  return errors;
}
