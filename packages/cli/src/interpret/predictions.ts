import type { Session } from "@voxplain/caps-io";
import type { Prediction } from "@voxplain/saliency";
import { encodeTable } from "@voxplain/writers";

export interface SessionPrediction {
  readonly session: Session;
  readonly prediction: Prediction;
  readonly kept: boolean;
}

/** predictions.tsv: a row per session whose prediction was computed, those not kept included. */
export function encodePredictions(predictions: readonly SessionPrediction[], trueClass: number): Uint8Array {
  const classes = predictions[0]?.prediction.logits.map((_, k) => k) ?? [];
  const columns = [
    "participant_id",
    "session_id",
    "true_label",
    "predicted_label",
    ...classes.map((k) => `logit${k}`),
    ...classes.map((k) => `proba${k}`),
  ];
  const rows = predictions.map(({ session, prediction }) => ({
    participant_id: session.participantId,
    session_id: session.sessionId,
    true_label: trueClass,
    predicted_label: prediction.predictedClass,
    ...Object.fromEntries(prediction.logits.map((logit, k) => [`logit${k}`, logit])),
    ...Object.fromEntries(prediction.probabilities.map((probability, k) => [`proba${k}`, probability])),
  }));
  return encodeTable(columns, rows);
}

/** data.tsv: the sessions that were used, with the columns of their label file, then `cohort`. */
export function encodeSessions(columns: readonly string[], sessions: readonly Session[]): Uint8Array {
  const withCohort = [...columns.filter((column) => column !== "cohort"), "cohort"];
  return encodeTable(
    withCohort,
    sessions.map(({ row, cohort }) => ({ ...row, cohort })),
  );
}
