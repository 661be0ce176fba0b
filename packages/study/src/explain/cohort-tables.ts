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
  type TableStream,
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

/** The same of sessions that are read as often as they are needed. */
export interface ReadResults extends Omit<SessionResults, "predictions"> {
  /** Begins to read them anew. */
  readonly predictions: () => AsyncIterable<SessionPrediction>;
}

type TaskTables = Pick<Task, "columns" | "sessions">;
type ModelParts = { readonly model: Pick<Plan["model"], "parts"> };

/**
 * The tables of a task, by the names of their files: data.tsv, predictions.tsv, for parts <mode>_predictions.tsv, and
 * errors.tsv where sessions failed.
 */
export function cohortTables(
  { model }: ModelParts,
  task: TaskTables,
  { predictions, failures, used }: SessionResults,
  options: TableOptions = {},
): Readonly<Record<string, PredictionTable>> {
  const ofPredictions = makersOf(model, options).map(
    ([name, maker]) => [name, tableOf(maker, predictions)] as const,
  );
  return {
    "data.tsv": sessionTable(task.columns, used),
    ...Object.fromEntries(ofPredictions),
    ...failureTables(failures, task),
  };
}

/** The same tables, of predictions that need not all be in memory. */
export async function streamedTables(
  { model }: ModelParts,
  task: TaskTables,
  { predictions, failures, used }: ReadResults,
  options: TableOptions = {},
): Promise<Readonly<Record<string, PredictionTable | TableStream>>> {
  const makers = makersOf(model, options);
  for await (const prediction of predictions()) for (const [, maker] of makers) maker.see(prediction);
  const ofPredictions = makers.map(
    ([name, maker]) => [name, { columns: maker.columns(), rows: rowsOf(maker, predictions) }] as const,
  );
  return {
    "data.tsv": sessionTable(task.columns, used),
    ...Object.fromEntries(ofPredictions),
    ...failureTables(failures, task),
  };
}

async function* rowsOf(maker: TableMaker, predictions: ReadResults["predictions"]): AsyncGenerator<TableRow> {
  for await (const prediction of predictions()) yield* maker.rowsOf(prediction);
}

function makersOf(
  { parts: { mode } }: ModelParts["model"],
  options: TableOptions,
): readonly (readonly [string, TableMaker])[] {
  const ofImages = ["predictions.tsv", predictionRows(options)] as const;
  return mode === "image" ? [ofImages] : [ofImages, [`${mode}_predictions.tsv`, partRows(mode, options)]];
}

function failureTables(
  failures: readonly SessionFailure[],
  { sessions }: TaskTables,
): Readonly<Record<string, PredictionTable>> {
  return failures.length === 0 ? {} : { "errors.tsv": failureTable(inOrder(failures, sessions)) };
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
