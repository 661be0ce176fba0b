import type { Session, SessionFailure } from "@voxplain/caps-io";
import type { Plan, Task } from "../plan/request.ts";
import {
  identify,
  type PredictionTable,
  partPredictionTable,
  predictionTable,
  type SessionPrediction,
  type TableOptions,
} from "./prediction-table.ts";

/** What remains of a task's sessions when their maps are released. */
export interface SessionResults {
  /** Predictions of all sessions for which one was computed. */
  readonly predictions: readonly SessionPrediction[];
  /** Sessions that could not be used. */
  readonly failures: readonly SessionFailure[];
  /** Sessions that the result is made of. */
  readonly used: readonly Session[];
}

/**
 * The tables of a task, by the names of their files: data.tsv, predictions.tsv, for parts <mode>_predictions.tsv, and
 * errors.tsv where sessions failed.
 */
export function cohortTables(
  { model }: { readonly model: Pick<Plan["model"], "parts"> },
  { columns, sessions }: Pick<Task, "columns" | "sessions">,
  { predictions, failures, used }: SessionResults,
  options: TableOptions = {},
): Readonly<Record<string, PredictionTable>> {
  const { mode } = model.parts;
  return {
    "data.tsv": sessionTable(columns, used),
    "predictions.tsv": predictionTable(predictions, options),
    ...(mode !== "image" && {
      [`${mode}_predictions.tsv`]: partPredictionTable(predictions, mode, options),
    }),
    ...(failures.length > 0 && { "errors.tsv": failureTable(inOrder(failures, sessions)) }),
  };
}

/** The columns of the label list, then `cohort`. */
function sessionTable(columns: readonly string[], sessions: readonly Session[]): PredictionTable {
  return {
    columns: [...columns.filter((column) => column !== "cohort"), "cohort"],
    rows: sessions.map(({ row, cohort }) => ({ ...row, cohort })),
  };
}

/** In the order of the list, whenever they were found to be broken. */
function inOrder(
  failures: readonly SessionFailure[],
  sessions: readonly Session[],
): readonly SessionFailure[] {
  const places = new Map(sessions.map((session, index) => [session, index]));
  const placeOf = ({ session }: SessionFailure) => places.get(session) ?? sessions.length;
  return failures.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Why each session failed: as a sentence and, for programs, its fields. */
function failureTable(failures: readonly SessionFailure[]): PredictionTable {
  return {
    columns: [
      ...["participant_id", "session_id", "cohort", "error", "reason"],
      ...["file", "expected", "found", "hint"],
    ],
    rows: failures.map(({ session, error }) => ({
      ...identify(session),
      ...{ error: error.code, reason: error.message },
      ...{ file: error.file, expected: error.expected, found: error.found, hint: error.hint },
    })),
  };
}
