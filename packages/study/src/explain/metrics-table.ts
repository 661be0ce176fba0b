import { classificationMetrics, type JudgedPrediction, regressionMetrics } from "@voxplain/saliency";
import type { Model } from "../model/model.ts";
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

/**
 * The metrics of predictions; the first row is that of the images. For two classes, sensitivity and specificity are those of
 * the positive one (`positiveLabel`); for more, there is a column for each class (`sensitivity-0`); for numbers, mean absolute
 * error, root mean squared error and R². Empty where no label is known.
 */
export function metricsOf(all: readonly JudgedSession[], model: JudgedModel): MetricsRow[] {
  const { mode } = model.parts;
  const metricsOfRows = model.task === "regression" ? ofNumbers : ofClasses(model);
  const known = all.flatMap(({ trueLabel, ...rest }) =>
    trueLabel === undefined ? [] : [{ ...rest, trueLabel }],
  );
  const images = known.map(({ trueLabel, prediction }) => ({ trueLabel, prediction }));
  const row = (level: string, judged: readonly Judged[]): MetricsRow[] => {
    const metrics = metricsOfRows(judged);
    return metrics === undefined ? [] : [{ level, count: judged.length, metrics }];
  };
  const rows = row("image", images);
  if (mode === "image" || rows.length === 0) return rows;
  const parts = known.flatMap(({ trueLabel, parts: ofSession }) =>
    ofSession.map(({ id: part, prediction }) => ({ part, trueLabel, prediction })),
  );
  rows.push(...row(mode, parts));
  for (const part of new Set(parts.map((one) => one.part))) {
    rows.push(
      ...row(
        mode,
        parts.filter((one) => one.part === part),
      ).map((one) => ({ ...one, part })),
    );
  }
  return rows;
}

interface Judged {
  readonly trueLabel: number;
  readonly prediction: SessionPrediction["prediction"];
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
  return (judged: readonly Judged[]): MetricsRow["metrics"] | undefined => {
    const classCount = judged[0]?.prediction.probabilities.length ?? 0;
    if (classCount < 2) return undefined;
    const decisions = judged.map(
      ({ trueLabel: trueClass, prediction: { predictedClass, probabilities } }): JudgedPrediction => ({
        ...{ trueClass, predictedClass, probabilities },
      }),
    );
    if (classCount === 2) {
      const { accuracy, balancedAccuracy, sensitivity, specificity, auc } = classificationMetrics(
        decisions,
        positiveNode(model),
      );
      return { accuracy, balanced_accuracy: balancedAccuracy, sensitivity, specificity, auc };
    }
    const each = Array.from({ length: classCount }, (_, node) => classificationMetrics(decisions, node));
    const right = decisions.filter(({ trueClass, predictedClass }) => trueClass === predictedClass);
    return {
      accuracy: right.length / decisions.length,
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

function ofNumbers(judged: readonly Judged[]): MetricsRow["metrics"] | undefined {
  if (judged.length === 0) return undefined;
  const { mae, rmse, r2 } = regressionMetrics(
    judged.map(({ trueLabel: trueValue, prediction: { logits: [predictedValue = Number.NaN] = [] } }) => ({
      ...{ trueValue, predictedValue },
    })),
  );
  return { mae, rmse, r2 };
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
