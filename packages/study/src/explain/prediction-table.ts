import type { Session } from "@voxplain/caps-io";
import { type MapWarning, type Prediction, type Refinement, warningCode } from "@voxplain/saliency";
import type { ExplainedImage, PredictedImage } from "./explained-image.ts";
import type { ExplainedPart, ImagePrediction, PredictedPart } from "./explained-part.ts";

/** A table for people and programs, such as predictions.tsv. */
export interface PredictionTable {
  /** In their order. */
  readonly columns: readonly string[];
  /** One after the other. */
  readonly rows: readonly TableRow[];
}

/** By the names of the columns; undefined where a value is not known. */
export type TableRow = Readonly<Record<string, string | number | undefined>>;

/** What a table shows beside the predictions. */
export interface TableOptions {
  /** The cohort of each session, where several cohorts share sessions. Default: false. */
  readonly withCohort?: boolean;
}

/** What is kept of an image when its maps are let go. */
export interface SessionPrediction {
  /** Whose image it is. */
  readonly session: Session;
  /** The node of the class by the labels, or the number that a regression is to find; undefined where it is not known. */
  readonly trueLabel: number | undefined;
  /** The class whose logit the map explains, or the index of a value of the output; undefined for predictions. */
  readonly explained?: number | string;
  /** The network's prediction for the image, or the vote of its parts. */
  readonly prediction: ImagePrediction;
  /** Error of the sum of a whole image's map, where the method promises a sum. */
  readonly delta?: number;
  /** Warnings about the map, or about the maps of its parts. */
  readonly warnings: readonly MapWarning[];
  /** How many passes the map of a whole image took, where it was refined until a tolerance was reached. */
  readonly refinement?: Refinement;
  /** Empty for whole images. */
  readonly parts: readonly PartPrediction[];
}

/** What is kept of a part when its map is let go. */
export interface PartPrediction {
  /** In the column `<mode>_id`. */
  readonly id: number;
  /** Its network's prediction. */
  readonly prediction: Prediction;
  /** Error of the sum of its map, where the method promises a sum. */
  readonly delta?: number;
  /** Warnings about its map and its logits. */
  readonly warnings: readonly MapWarning[];
  /** How many passes its map took, where it was refined until a tolerance was reached. */
  readonly refinement?: Refinement;
}

/** What is kept of an explained or predicted image. */
export function sessionPrediction(image: PredictedImage | ExplainedImage): SessionPrediction {
  const { session, trueLabel, prediction, parts } = image;
  const [first]: readonly (PredictedPart | ExplainedPart)[] = parts;
  const isWhole = first?.part.name === "image";
  return {
    ...{ session, trueLabel, prediction },
    ...("target" in image && { explained: image.target }),
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

/** Makes the rows of a table of predictions, whose columns may depend on all of them. */
export interface TableMaker {
  /** Looks at each prediction first. */
  see(prediction: SessionPrediction): void;
  /** When all were seen. */
  columns(): readonly string[];
  /** The rows about a session, when all were seen. */
  rowsOf(prediction: SessionPrediction): readonly TableRow[];
}

/** The table of predictions that are all there. */
export function tableOf(maker: TableMaker, predictions: readonly SessionPrediction[]): PredictionTable {
  for (const prediction of predictions) maker.see(prediction);
  return { columns: maker.columns(), rows: predictions.flatMap((prediction) => maker.rowsOf(prediction)) };
}

/**
 * predictions.tsv: a row per session whose prediction was computed, those not kept included. Where images are in files of
 * their own, which have no participants, the rows name the image, and the class that its map explains.
 */
export function predictionTable(
  predictions: readonly SessionPrediction[],
  options: TableOptions = {},
): PredictionTable {
  return tableOf(predictionRows(options), predictions);
}

/** predictions.tsv. */
export function predictionRows({ withCohort = false }: TableOptions): TableMaker {
  let first: SessionPrediction | undefined;
  let areFiles = false;
  let isWarned = false;
  const used = new Set<string>();
  return {
    see(prediction) {
      first ??= prediction;
      areFiles ||= prediction.session.participantId === "";
      isWarned ||= prediction.warnings.length > 0;
      for (const column of Object.keys(imageRow(prediction))) used.add(column);
    },
    columns() {
      const ofWarnings = isWarned ? ["warnings"] : [];
      if (!areFiles) {
        return [
          ...[...identity(withCohort), ...classColumns(first?.prediction), ...mapColumns(first)],
          ...ofWarnings,
        ];
      }
      // Images that were only predicted have no explained class: the columns are not those of the first row.
      const known = ["image", "true_label", "explained_class", "predicted_class"];
      const others = [...used].filter((column) => !known.includes(column) && column !== "warnings");
      return [...known.filter((column) => used.has(column)), ...others, ...ofWarnings];
    },
    rowsOf: (prediction) => [areFiles ? imageRow(prediction) : sessionRow(prediction)],
  };
}

function sessionRow({ session, trueLabel, prediction, warnings, ...map }: SessionPrediction): TableRow {
  return {
    ...identify(session),
    ...classValues(trueLabel, prediction),
    ...mapValues(map),
    ...warningValue(warnings),
  };
}

function imageRow({
  session,
  trueLabel,
  explained,
  prediction,
  warnings,
  ...map
}: SessionPrediction): TableRow {
  return {
    image: session.name,
    ...(trueLabel !== undefined && { true_label: trueLabel }),
    ...(explained !== undefined && { explained_class: explained }),
    ...(prediction.probabilities.length > 0 && { predicted_class: prediction.predictedClass }),
    ...outputValues(prediction),
    ...mapValues(map),
    ...warningValue(warnings),
  };
}

/** <mode>_predictions.tsv: a row per part of each session, in the order of the parts. */
export function partRows(mode: string, { withCohort = false }: TableOptions): TableMaker {
  const idColumn = `${mode}_id`;
  let first: PartPrediction | undefined;
  let isSeen = false;
  let isWarned = false;
  return {
    see({ parts }) {
      if (!isSeen) [first] = parts;
      isSeen = true;
      isWarned ||= parts.some(({ warnings }) => warnings.length > 0);
    },
    columns: () => [
      ...[...identity(withCohort), idColumn, ...classColumns(first?.prediction), ...mapColumns(first)],
      ...(isWarned ? ["warnings"] : []),
    ],
    rowsOf: ({ session, trueLabel, parts }) =>
      parts.map(({ id, prediction, warnings, ...map }) => ({
        ...identify(session),
        [idColumn]: id,
        ...classValues(trueLabel, prediction),
        ...mapValues(map),
        ...warningValue(warnings),
      })),
  };
}

function identity(withCohort: boolean): string[] {
  return [...(withCohort ? ["cohort"] : []), "participant_id", "session_id"];
}

/** Who a row is about: "n/a" for participants without sessions, as in BIDS. */
export function identify({ cohort, participantId, sessionId }: Session) {
  return { cohort, participant_id: participantId, session_id: sessionId || "n/a" };
}

/** A vote has no logits; a predicted number stands alone. */
function classColumns(prediction: ImagePrediction | undefined): string[] {
  if (prediction !== undefined && numberOf(prediction) !== undefined)
    return ["true_label", "predicted_label"];
  const logits = prediction?.logits?.map((_, k) => `logit${k}`) ?? [];
  const probabilities = prediction?.probabilities.map((_, k) => `proba${k}`) ?? [];
  return ["true_label", "predicted_label", ...logits, ...probabilities];
}

function classValues(trueLabel: number | undefined, prediction: ImagePrediction) {
  const number = numberOf(prediction);
  if (number !== undefined) return { true_label: trueLabel, predicted_label: number };
  return {
    ...{ true_label: trueLabel, predicted_label: prediction.predictedClass },
    ...outputValues(prediction),
  };
}

/** What a network says that gives one number instead of classes. */
function numberOf({ logits = [], probabilities }: ImagePrediction): number | undefined {
  return probabilities.length === 0 && logits.length === 1 ? logits[0] : undefined;
}

function outputValues({ logits, probabilities }: ImagePrediction) {
  return {
    ...Object.fromEntries((logits ?? []).map((logit, k) => [`logit${k}`, logit])),
    ...Object.fromEntries(probabilities.map((probability, k) => [`proba${k}`, probability])),
  };
}

/** What is known of a map: of methods that promise a sum, and of those that refine it. */
type OfMap = Pick<PartPrediction, "delta" | "refinement">;

function mapColumns(first: OfMap | undefined): string[] {
  return first === undefined ? [] : Object.keys(mapValues(first));
}

/** The columns about a map that promises a sum, or that was refined. */
function mapValues({ delta, refinement }: OfMap): Readonly<Record<string, number | string>> {
  return {
    ...(delta !== undefined && { completeness_delta: delta }),
    ...(refinement && {
      passes: refinement.passes,
      tolerance_reached: refinement.converged ? "yes" : "no",
    }),
  };
}

/** Each code once: the parts of an image may share it. */
function warningValue(warnings: readonly MapWarning[]) {
  return { warnings: [...new Set(warnings.map(warningCode))].join(";") };
}
