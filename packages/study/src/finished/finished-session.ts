import type { Session, SessionFailure } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { CheckResult } from "@voxplain/saliency";
import type { WarnedMap } from "../explain/cohort-warnings.ts";
import type { SessionPrediction } from "../explain/prediction-table.ts";

/** How a file looks without reading it. */
export interface FileStamp {
  /** Bytes. */
  readonly size: number;
  /** When it was changed last, in milliseconds since 1970. */
  readonly changed: number;
}

/** A file that an image was read from. */
export interface ReadFileRecord {
  /** null for an image that is in no cohort. */
  readonly participant: string | null;
  /** null for an image that is in no cohort. */
  readonly session: string | null;
  /** Its path. */
  readonly file: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
  /** Absent where its source has no such thing. */
  readonly stamp?: FileStamp;
}

/** What was measured of one map. */
export interface SessionCheck {
  /** Which map: its participant and session, say. */
  readonly identity: Readonly<Record<string, string | number>>;
  /** The quantities and curves of the checks. */
  readonly result: CheckResult;
}

/** Which machine computed something: results have the same bits for the same processor and as many threads. */
export interface Computer {
  /** Its model. */
  readonly processor: string;
  /** Threads that computed. */
  readonly threads: number;
}

/** What is kept of a session that was computed, beside its maps. */
export interface ComputedSession {
  /** The tables' rows are made of it. */
  readonly prediction: Omit<SessionPrediction, "session">;
  /** False for an image that `keepTrue` leaves out. */
  readonly isKept: boolean;
  /** Sentences about the image. */
  readonly sentences: readonly string[];
  /** What is odd about its maps and logits. */
  readonly maps: readonly WarnedMap[];
  /** Where checks were requested. */
  readonly checks: readonly SessionCheck[];
  /** What it was made of. */
  readonly inputs: readonly ReadFileRecord[];
  /** What was written of it, for the provenance; in the form of the caller. */
  readonly outputs: readonly unknown[];
}

/** Why a session is skipped: the fields of its error. */
export type SkippedSession = Pick<
  VoxplainError,
  "code" | "problem" | "file" | "session" | "expected" | "found" | "hint"
>;

/** A session of a list that need not be computed again. */
export interface FinishedSession {
  /** In the list, from 0. */
  readonly place: number;
  /** For messages. */
  readonly name: string;
  /** What came out; absent where it was skipped. */
  readonly computed?: ComputedSession;
  /** Why it was skipped. */
  readonly skipped?: SkippedSession;
  /** What computed it. */
  readonly by: Computer;
  /** How long it took, in seconds. */
  readonly seconds: number;
}

/** Why a session is skipped, as what is kept of it. */
export function skippedSession({
  code,
  problem,
  file,
  session,
  expected,
  found,
  hint,
}: VoxplainError): SkippedSession {
  return { code, problem, file, session, expected, found, hint };
}

/** The failure of a session that is kept as skipped. */
export function failureOf(session: Session, { code, problem, ...fields }: SkippedSession): SessionFailure {
  return { session, error: new VoxplainError(code, problem, fields) };
}
