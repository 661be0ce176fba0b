import { VoxplainError } from "@voxplain/core";
import { type FinishedSession, failureOf } from "@voxplain/study";
import type { RecordedTask } from "./recorded-task.ts";
import { sentence } from "./sentence.ts";

/** The end of a job because of a session (`--on_error stop`). */
export function stoppedAt(error: VoxplainError, done: number, count: number): VoxplainError {
  if (done === 0) return error;
  return new VoxplainError(
    error.code,
    `${sentence(error.message)} It stopped there, after ${done} of ${count} sessions; go on with --resume when it is repaired, or leave ` +
      "out the broken ones with --on_error skip",
    { cause: error },
  );
}

/** Why nothing comes out where no session could be used. */
export function noneUsable(
  sessions: readonly FinishedSession[],
  list: RecordedTask["sessions"],
): VoxplainError {
  const failures = sessions.flatMap(({ place, skipped }) => {
    const session = list[place];
    return skipped === undefined || session === undefined ? [] : [failureOf(session, skipped).error];
  });
  const [first, ...others] = failures;
  if (first === undefined) return new VoxplainError("not-found", "there is no image to explain");
  if (others.length === 0) return first;
  return new VoxplainError(
    first.code,
    `none of the ${failures.length} sessions can be used; the first: ${first.message}`,
    { cause: first },
  );
}
