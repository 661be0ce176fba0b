import type { SessionFailure } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { encodeTable } from "@voxplain/writers";

/** Sessions of a task that could not be used. */
export interface Failures {
  readonly list: readonly SessionFailure[];
  /** Set when the job has to end because of a session. */
  readonly fatal: SessionFailure | undefined;
  add(failure: SessionFailure): "stop" | "skip";
}

/** @param onError - What `--on_error` says. */
export function collectFailures(
  onError: "stop" | "skip",
  say: (line: string) => void,
  before: readonly SessionFailure[] = [],
): Failures {
  const list = [...before];
  let fatal: SessionFailure | undefined;
  for (const { error } of before) say(`skipped: ${error.message}`);
  return {
    list,
    get fatal() {
      return fatal;
    },
    add(failure) {
      list.push(failure);
      if (onError === "stop") fatal = failure;
      else say(`skipped: ${failure.error.message}`);
      return onError;
    },
  };
}

/** errors.tsv: a row per session that could not be used, with the reason. */
export function encodeFailures(failures: readonly SessionFailure[]): Uint8Array {
  return encodeTable(
    ["participant_id", "session_id", "cohort", "error", "reason"],
    failures.map(({ session, error }) => ({
      participant_id: session.participantId,
      session_id: session.sessionId,
      cohort: session.cohort,
      error: error.code,
      reason: error.message,
    })),
  );
}

/** Why there is nothing to write where no session could be used. */
export function noneUsable({ list }: Failures): VoxplainError {
  const error = list[0]!.error;
  const message =
    list.length === 1
      ? error.message
      : `none of the ${list.length} sessions can be used; the first: ${error.message}`;
  return new VoxplainError(error.code, message, { cause: error });
}
