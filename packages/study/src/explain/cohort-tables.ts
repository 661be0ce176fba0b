import type { Session, SessionFailure } from "@voxplain/caps-io";
import type { Plan, Task } from "../plan/request.ts";
import {
  identify,
  type PredictionTable,
  partRows,
  predictionRows,
  type SessionPrediction,
  type TableMaker,
  type TableOptions,
  type TableRow,
  tableOf,
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

type TaskTables = Pick<Task, "columns" | "sessions">;
type ModelParts = { readonly model: Pick<Plan["model"], "parts"> };

/**
 * The tables of a task, by the names of their files: data.tsv, predictions.tsv, for parts <mode>_predictions.tsv, and
 * errors.tsv where sessions failed.
 */
export function cohortTables(
  model: ModelParts,
  task: TaskTables,
  { predictions, ...results }: SessionResults,
  options: TableOptions = {},
): Readonly<Record<string, PredictionTable>> {
  const { "data.tsv": data, ...others } = sessionTables(task, results);
  const ofPredictions = makersOf(model, options).map(
    ([name, maker]) => [name, tableOf(maker, predictions)] as const,
  );
  return { ...(data && { "data.tsv": data }), ...Object.fromEntries(ofPredictions), ...others };
}

/** data.tsv, and errors.tsv where sessions failed. */
export function sessionTables(
  { columns, sessions }: TaskTables,
  { failures, used }: Omit<SessionResults, "predictions">,
): Readonly<Record<string, PredictionTable>> {
  const errors = failures.length > 0 && { "errors.tsv": failureTable(inOrder(failures, sessions)) };
  return { "data.tsv": sessionTable(columns, used), ...errors };
}

/** A table of predictions whose rows are made when they are written. */
export interface RowTable {
  /** In their order. */
  readonly columns: readonly string[];
  /** The rows about a session. */
  rowsOf(prediction: SessionPrediction): readonly TableRow[];
}

/** Makes tables of predictions that need not all be in memory: they are read twice, for any of them may add a column. */
export interface TablesMaker {
  /** Looks at each prediction first. */
  see(prediction: SessionPrediction): void;
  /** When all were seen: predictions.tsv, and for parts <mode>_predictions.tsv. */
  tables(): Readonly<Record<string, RowTable>>;
}

/** The tables of predictions of `cohortTables`, row by row. */
export function tablesMaker(model: ModelParts, options: TableOptions = {}): TablesMaker {
  const makers = makersOf(model, options);
  return {
    see(prediction) {
      for (const [, maker] of makers) maker.see(prediction);
    },
    tables: () =>
      Object.fromEntries(
        makers.map(([name, { columns, rowsOf }]) => [name, { columns: columns(), rowsOf }] as const),
      ),
  };
}

function makersOf(
  { model: { parts } }: ModelParts,
  options: TableOptions,
): readonly (readonly [string, TableMaker])[] {
  const ofImages = ["predictions.tsv", predictionRows(options)] as const;
  const { mode } = parts;
  return mode === "image" ? [ofImages] : [ofImages, [`${mode}_predictions.tsv`, partRows(mode, options)]];
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
