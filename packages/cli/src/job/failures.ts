import type { SessionFailure } from "@voxplain/caps-io";
import { encodeTable } from "@voxplain/writers";

/** errors.tsv: a row per session that could not be used, with the reason as a sentence and, for programs, its fields. */
export function encodeFailures(failures: readonly SessionFailure[]): Uint8Array {
  return encodeTable(
    ["participant_id", "session_id", "cohort", "error", "reason", "file", "expected", "found", "hint"],
    failures.map(({ session: { participantId, sessionId, cohort }, error }) => ({
      ...{ participant_id: participantId, session_id: sessionId, cohort },
      ...{ error: error.code, reason: error.message },
      ...{ file: error.file, expected: error.expected, found: error.found, hint: error.hint },
    })),
  );
}
