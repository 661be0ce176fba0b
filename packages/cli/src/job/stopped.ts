import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { type FinishedSession, failureOf, noneUsable } from "@voxplain/study";
import type { RecordedTask } from "./recorded-task.ts";
import { sentence } from "./sentence.ts";

/** The end of a job because of a session (`--on_error stop`). */
export function stoppedAt(error: VoxplainError, done: number, count: number): VoxplainError {
  if (done === 0) return error;
  return new VoxplainError(
    error.code,
    `${sentence(error.message)} It stopped there, after ${done} of ${count} sessions; continue with --resume when it is repaired, or leave ` +
      "out the broken ones with --on_error skip",
    { cause: error },
  );
}

/** The end of a job because of the disk: what is finished stays. Other errors are as they were. */
export function refusedAt(error: unknown, done: number, count: number): unknown {
  if (!isVoxplainError(error) || error.code !== "io-failure" || done === 0) return error;
  return new VoxplainError(
    error.code,
    `${sentence(error.message)} ${done} of ${count} sessions are finished; continue with --resume`,
    { cause: error },
  );
}

/** Why nothing comes out of finished sessions: all of them were skipped, or `--keep_true` leaves none; undefined where something does. */
export function nothingLeft(
  sessions: readonly FinishedSession[],
  record: Pick<RecordedTask, "sessions" | "request" | "diagnoses">,
): VoxplainError | undefined {
  const computed = sessions.flatMap((session) => session.computed ?? []);
  if (computed.length === 0) return noneUsable(failuresOf(sessions, record.sessions));
  return computed.some(({ isKept }) => isKept) ? undefined : noneKept(computed.length, record);
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

function failuresOf(
  sessions: readonly FinishedSession[],
  list: RecordedTask["sessions"],
): readonly VoxplainError[] {
  return sessions.flatMap(({ place, skipped }) => {
    const session = list[place];
    return skipped === undefined || session === undefined ? [] : [failureOf(session, skipped).error];
  });
}
