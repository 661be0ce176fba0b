import type { SessionFailure } from "@voxplain/caps-io";
import { encodeTable } from "@voxplain/writers";

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
