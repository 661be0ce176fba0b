import type { Session } from "@voxplain/caps-io";
import { type MapWarning, type Prediction, type Refinement, warningCode } from "@voxplain/saliency";
import type { ExplainedPart, ImagePrediction, PredictedImage, PredictedPart } from "@voxplain/study";
import { encodeTable } from "@voxplain/writers";

/** What was said of a session and of its parts; the maps are not kept. */
export interface SessionPrediction {
  readonly session: Session;
  /** Undefined where the diagnosis is not known. */
  readonly trueClass: number | undefined;
  readonly prediction: ImagePrediction;
  /** By how much the map of a whole image misses the sum that its method promises. */
  readonly delta?: number;
  /** Of the map, or of the maps of its parts. */
  readonly warnings: readonly MapWarning[];
  /** How many passes the map of a whole image took, where it was refined until a tolerance was reached. */
  readonly refinement?: Refinement;
  /** Empty for whole images. */
  readonly parts: readonly PartPrediction[];
}

export interface PartPrediction {
  /** In the column `<mode>_id`. */
  readonly id: number;
  readonly prediction: Prediction;
  readonly delta?: number;
  readonly warnings: readonly MapWarning[];
  readonly refinement?: Refinement;
}

/** What is kept of an image when its maps are let go. */
export function sessionPrediction(image: PredictedImage<PredictedPart | ExplainedPart>): SessionPrediction {
  const { session, trueClass, prediction, parts } = image;
  const [first] = parts;
  const isWhole = first?.part.name === "image";
  return {
    ...{ session, trueClass, prediction },
    ...(isWhole && ofMap(first)),
    warnings: parts.flatMap((part) => part.warnings),
    parts: isWhole ? [] : parts.map((part) => partPrediction(part)),
  };
}

function partPrediction(part: PredictedPart | ExplainedPart): PartPrediction {
  return { id: part.part.id, prediction: part.prediction, warnings: part.warnings, ...ofMap(part) };
}

function ofMap(part: PredictedPart | ExplainedPart): OfMap {
  if (!("map" in part)) return {};
  const { delta, refinement } = part;
  return { ...(delta !== undefined && { delta }), ...(refinement && { refinement }) };
}

/** predictions.tsv: a row per session whose prediction was computed, those not kept included. */
export function encodePredictions(
  predictions: readonly SessionPrediction[],
  { withCohort = false }: { readonly withCohort?: boolean } = {},
): Uint8Array {
  const [first] = predictions;
  return encodeTable(
    [
      ...[...identity(withCohort), ...classColumns(first?.prediction), ...mapColumns(first)],
      ...warningColumn(predictions),
    ],
    predictions.map(({ session, trueClass, prediction, warnings, ...map }) => ({
      ...identify(session),
      ...classValues(trueClass, prediction),
      ...mapValues(map),
      ...warningValue(warnings),
    })),
  );
}

/** <mode>_predictions.tsv: a row per part of each session, in the order of the parts. */
export function encodePartPredictions(
  predictions: readonly SessionPrediction[],
  mode: string,
  { withCohort = false }: { readonly withCohort?: boolean } = {},
): Uint8Array {
  const idColumn = `${mode}_id`;
  const first = predictions[0]?.parts[0];
  return encodeTable(
    [
      ...[...identity(withCohort), idColumn, ...classColumns(first?.prediction), ...mapColumns(first)],
      ...warningColumn(predictions.flatMap(({ parts }) => parts)),
    ],
    predictions.flatMap(({ session, trueClass, parts }) =>
      parts.map(({ id, prediction, warnings, ...map }) => ({
        ...identify(session),
        [idColumn]: id,
        ...classValues(trueClass, prediction),
        ...mapValues(map),
        ...warningValue(warnings),
      })),
    ),
  );
}

/** data.tsv: the sessions that were used, with the columns of their label file, then `cohort`. */
export function encodeSessions(columns: readonly string[], sessions: readonly Session[]): Uint8Array {
  const withCohort = [...columns.filter((column) => column !== "cohort"), "cohort"];
  return encodeTable(
    withCohort,
    sessions.map(({ row, cohort }) => ({ ...row, cohort })),
  );
}

function identity(withCohort: boolean): string[] {
  return [...(withCohort ? ["cohort"] : []), "participant_id", "session_id"];
}

function identify({ cohort, participantId, sessionId }: Session) {
  return { cohort, participant_id: participantId, session_id: sessionId };
}

/** A vote has no logits. */
function classColumns(prediction: ImagePrediction | undefined): string[] {
  const logits = prediction?.logits?.map((_, k) => `logit${k}`) ?? [];
  const probabilities = prediction?.probabilities.map((_, k) => `proba${k}`) ?? [];
  return ["true_label", "predicted_label", ...logits, ...probabilities];
}

function classValues(
  trueClass: number | undefined,
  { predictedClass, logits, probabilities }: ImagePrediction,
) {
  return {
    true_label: trueClass,
    predicted_label: predictedClass,
    ...Object.fromEntries((logits ?? []).map((logit, k) => [`logit${k}`, logit])),
    ...Object.fromEntries(probabilities.map((probability, k) => [`proba${k}`, probability])),
  };
}

/** What is known of a map: of methods that promise a sum, and of those that refine it. */
type OfMap = Pick<PartPrediction, "delta" | "refinement">;

function mapColumns(first: OfMap | undefined): string[] {
  return first === undefined ? [] : Object.keys(mapValues(first));
}

export function mapValues({ delta, refinement }: OfMap): Readonly<Record<string, number | string>> {
  return {
    ...(delta !== undefined && { completeness_delta: delta }),
    ...(refinement && {
      passes: refinement.passes,
      tolerance_reached: refinement.converged ? "yes" : "no",
    }),
  };
}

/** The last column, where at least one map has a warning. */
export function warningColumn(all: readonly { readonly warnings: readonly MapWarning[] }[]): string[] {
  return all.some(({ warnings }) => warnings.length > 0) ? ["warnings"] : [];
}

/** Each code once: the parts of an image may share it. */
export function warningValue(warnings: readonly MapWarning[]) {
  return { warnings: [...new Set(warnings.map(warningCode))].join(";") };
}
