import { elementAt } from "@voxplain/core";
import { classificationMetrics, type JudgedPrediction, regressionMetrics } from "@voxplain/saliency";
import type { Model } from "../model/model.ts";
import type { ImagePrediction } from "./explained-part.ts";
import type { PartPrediction, PredictionTable, SessionPrediction } from "./prediction-table.ts";

/** What metrics need of a model. */
export type JudgedModel = Pick<Model, "parts" | "task" | "classes" | "labels">;

/** What is judged of a session. */
export interface JudgedSession extends Pick<SessionPrediction, "trueLabel" | "prediction"> {
  /** Empty for whole images. */
  readonly parts: readonly Pick<PartPrediction, "id" | "prediction">[];
}

/** How good the predictions are: of images, and of every part by itself. */
export interface MetricsRow {
  /** "image", "patch", "roi" or "slice". */
  readonly level: string;
  /** ID of a part; undefined for images, and for all parts together. */
  readonly part?: number;
  /** How many were judged. */
  readonly count: number;
  /** By their columns in metrics.tsv: NaN where a quantity is not defined. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Makes the metrics of predictions that need not all be in memory: some numbers of each image and part are kept. */
export interface MetricsMaker {
  /** A session, in the order of the list. Without a true label it is not judged. */
  see(session: JudgedSession): void;
  /**
   * When all were seen. The first row is that of the images. For two classes, sensitivity and specificity are those of the positive one
   * (`positiveLabel`); for more, there is a column for each class (`sensitivity-0`); for numbers, mean absolute error, root mean squared
   * error and R². Empty where no label is known.
   */
  rows(): MetricsRow[];
}

/** None yet. */
export function metricsMaker(model: JudgedModel): MetricsMaker {
  const { mode } = model.parts;
  const isOfNumbers = model.task === "regression";
  const metricsOfRows = isOfNumbers ? ofNumbers : ofClasses(model);
  const outputsOf = ({ logits: [value = Number.NaN] = [], probabilities }: ImagePrediction) =>
    isOfNumbers ? [value] : probabilities;
  const images = judgedColumns();
  const parts = judgedColumns();
  /** The places of each part among them, in the order in which parts appear first. */
  const places = new Map<number, number[]>();
  const row = (level: string, judged: JudgedRows, part?: number): MetricsRow[] => {
    const metrics = metricsOfRows(judged);
    const ofPart = part !== undefined && { part };
    return metrics === undefined ? [] : [{ level, count: judged.length, metrics, ...ofPart }];
  };
  return {
    see({ trueLabel, prediction, parts: ofSession }) {
      if (trueLabel === undefined) return;
      images.add(trueLabel, prediction.predictedClass, outputsOf(prediction));
      for (const { id, prediction: own } of ofSession) {
        const place = parts.add(trueLabel, own.predictedClass, outputsOf(own));
        const known = places.get(id);
        if (known === undefined) places.set(id, [place]);
        else known.push(place);
      }
    },
    rows() {
      const ofImages = row("image", images.rows());
      if (mode === "image" || ofImages.length === 0) return ofImages;
      const ofEach = [...places].flatMap(([part, of]) => row(mode, parts.rows(of), part));
      return [...ofImages, ...row(mode, parts.rows()), ...ofEach];
    },
  };
}

/** The metrics of predictions that are all there, as `metricsMaker` makes them. */
export function metricsOf(all: readonly JudgedSession[], model: JudgedModel): MetricsRow[] {
  const maker = metricsMaker(model);
  for (const session of all) maker.see(session);
  return maker.rows();
}

/** A prediction and its true label. */
interface Judged {
  readonly trueLabel: number;
  readonly predictedClass: number;
  /** The probabilities of the classes, or the number of a network that gives one. */
  readonly outputs: readonly number[];
}

/** Each is made when it is read. */
interface JudgedRows extends Iterable<Judged> {
  readonly length: number;
  /** How many outputs each has. */
  readonly width: number;
}

/** Judged predictions as columns of numbers: an object for each part of each image would take ten times the memory. */
function judgedColumns() {
  const trueLabels: number[] = [];
  const predictedClasses: number[] = [];
  const outputs: number[] = [];
  let width = 0;
  return {
    /** @returns Its place. */
    add(trueLabel: number, predictedClass: number, own: readonly number[]): number {
      if (trueLabels.length === 0) width = own.length;
      predictedClasses.push(predictedClass);
      for (let k = 0; k < width; k++) outputs.push(own[k] ?? Number.NaN);
      return trueLabels.push(trueLabel) - 1;
    },
    /** @param places - Default: all. */
    rows: (places?: readonly number[]): JudgedRows => ({
      ...{ length: places?.length ?? trueLabels.length, width },
      *[Symbol.iterator]() {
        for (const place of places ?? trueLabels.keys()) {
          yield {
            trueLabel: elementAt(trueLabels, place),
            predictedClass: elementAt(predictedClasses, place),
            outputs: outputs.slice(place * width, (place + 1) * width),
          };
        }
      },
    }),
  };
}

function positiveNode({ labels }: JudgedModel): number {
  return labels?.positive === undefined ? 1 : (labels.nodes.get(labels.positive) ?? 1);
}

/** What the class is called whose sensitivity metrics give; undefined where the labels name none, or there are more than two. */
export function positiveLabel(model: JudgedModel): string | undefined {
  const isNamed = model.classes.length === 2 && model.labels?.positive !== undefined;
  return isNamed ? model.classes[positiveNode(model)] : undefined;
}

function ofClasses(model: JudgedModel) {
  return (judged: JudgedRows): MetricsRow["metrics"] | undefined => {
    const { length, width: classCount } = judged;
    if (length === 0 || classCount < 2) return undefined;
    const decisions = mapped(judged, asDecision);
    if (classCount === 2) {
      const { accuracy, balancedAccuracy, sensitivity, specificity, auc } = classificationMetrics(
        decisions,
        positiveNode(model),
      );
      return { accuracy, balanced_accuracy: balancedAccuracy, sensitivity, specificity, auc };
    }
    const each = Array.from({ length: classCount }, (_, node) => classificationMetrics(decisions, node));
    let right = 0;
    for (const { trueLabel, predictedClass } of judged) if (trueLabel === predictedClass) right++;
    return {
      accuracy: right / length,
      balanced_accuracy: each.reduce((sum, { sensitivity }) => sum + sensitivity, 0) / classCount,
      ...Object.fromEntries(
        each.flatMap(({ balancedAccuracy, sensitivity, specificity, auc }, node) => [
          [`balanced_accuracy-${node}`, balancedAccuracy],
          [`sensitivity-${node}`, sensitivity],
          [`specificity-${node}`, specificity],
          [`auc-${node}`, auc],
        ]),
      ),
    };
  };
}

function asDecision({
  trueLabel: trueClass,
  predictedClass,
  outputs: probabilities,
}: Judged): JudgedPrediction {
  return { trueClass, predictedClass, probabilities };
}

function ofNumbers(judged: JudgedRows): MetricsRow["metrics"] | undefined {
  if (judged.length === 0) return undefined;
  const { mae, rmse, r2 } = regressionMetrics(
    mapped(judged, ({ trueLabel: trueValue, outputs: [predictedValue = Number.NaN] }) => ({
      ...{ trueValue, predictedValue },
    })),
  );
  return { mae, rmse, r2 };
}

/** Each item when it is read, as often as they are read. */
function mapped<Item, Other>(items: Iterable<Item>, map: (item: Item) => Other): Iterable<Other> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield map(item);
    },
  };
}

/**
 * metrics.tsv: a row for the images, then for all parts and for each. Where the labels name the positive class of two, it
 * is in the column `positive_label`.
 */
export function metricsTable(rows: readonly MetricsRow[], model: JudgedModel): PredictionTable {
  const { mode } = model.parts;
  const idColumn = `${mode}_id`;
  const columns = Object.keys(rows[0]?.metrics ?? {});
  const positive = positiveLabel(model);
  return {
    columns: [
      ...["level", ...(mode === "image" ? [] : [idColumn]), "count"],
      ...[...columns, ...(positive === undefined ? [] : ["positive_label"])],
    ],
    rows: rows.map(({ level, part, count, metrics }) => ({
      ...{ level, [idColumn]: part, count, ...metrics },
      positive_label: positive,
    })),
  };
}
