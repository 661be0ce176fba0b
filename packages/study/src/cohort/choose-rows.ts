import type { ImageList } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { Model } from "../model/model.ts";
import type { Target } from "../plan/request.ts";

/** What was asked for about the rows of a list and what is explained. */
export interface RowsQuery {
  /** The column of the labels. Default: that of the model, else "diagnosis". */
  readonly label?: string | undefined;
  /** Values of that column whose rows are used. */
  readonly diagnoses?: readonly string[] | undefined;
  /** What is explained. */
  readonly target?: Target | undefined;
  /** Whether nothing is explained, so that no target is needed. Default: false. */
  readonly predicts?: boolean | undefined;
}

/** Which rows of a list are used, and what is explained. */
export interface ChosenRows {
  /** For `openCohort({ list, diagnoses, column })`: undefined for all rows. */
  readonly diagnoses: readonly string[] | undefined;
  /** The column that they are values of, where that is not the one of the labels. */
  readonly column?: string;
  /** Undefined for predictions. */
  readonly target: Target | undefined;
  /** Sentences about what was chosen for the user. */
  readonly notes: readonly string[];
}

/**
 * Which rows of a list are used, and whose logit is explained: all rows, unless diagnoses are chosen. A model that was
 * trained to classify diagnoses explains those of AD by default, as it does for the images of a CAPS.
 * @throws VoxplainError `invalid-argument` for diagnoses without a column of them, and for a classification whose class is
 * not named: it lists the classes.
 */
export function chooseRows(list: ImageList, model: Model, query: RowsQuery): ChosenRows {
  const { diagnoses, target, predicts = false } = query;
  // A model that is refused has no class to explain: the plan says why.
  if (model.refusal !== undefined) return { diagnoses, target: undefined, notes: [] };
  const column = query.label ?? model.labels?.column ?? "diagnosis";
  const hasLabels = list.columns.includes(column);
  // The table that could not be read may have them: it is reported alone.
  if (!hasLabels && list.labelsOfProblems === "unknown") return { diagnoses, target, notes: [] };
  if (diagnoses !== undefined) {
    // A model of another column, such as the sex, was trained on the rows of diagnoses all the same.
    const ofRows = query.label === undefined && list.columns.includes("diagnosis") ? "diagnosis" : column;
    if (!list.columns.includes(ofRows)) throw noLabels(list, ofRows);
    const rows = { diagnoses, ...(ofRows !== column && { column: ofRows }) };
    const [only, ...others] = diagnoses;
    const own = only !== undefined && others.length === 0 ? { label: only } : undefined;
    // Diagnoses that no image has are reported with the cohort.
    const isAbsent = ofRows === column && diagnoses.every((one) => !hasSession(list, one));
    if (predicts || isAbsent) return { ...rows, target, notes: [] };
    return { ...rows, target: target ?? explainedOf(model, own, list, column), notes: [] };
  }
  if (predicts) return { diagnoses, target: undefined, notes: [] };
  if (target !== undefined) return { diagnoses, target, notes: [] };
  if (model.task === "regression") return { diagnoses, target: 0, notes: [] };
  const isOfDiagnoses = model.kind === "model-folder" && model.labels?.column === "diagnosis";
  if (hasLabels && column === "diagnosis" && isOfDiagnoses && model.labels.nodes.has(usual)) {
    const note = `the images with the ${column} ${usual} are explained, for the class ${usual}; choose others by their label (--diagnosis, --target_diagnosis)`;
    return { diagnoses: [usual], target: { label: usual }, notes: [note] };
  }
  throw noTarget(list, model, column);
}

function hasSession({ images, failures }: ImageList, label: string): boolean {
  return [...images, ...failures].some(({ session }) => session.diagnosis === label);
}

/** What is explained where nothing is said. */
const usual = "AD";

/** The class of the diagnosis whose images are explained; a single output has no other. */
function explainedOf(
  model: Model,
  own: { readonly label: string } | undefined,
  list: ImageList,
  column: string,
): Target {
  if (model.task === "regression") return 0;
  if (own !== undefined && model.labels?.nodes.has(own.label)) return own;
  throw noTarget(list, model, column);
}

function noLabels({ columns }: ImageList, column: string): VoxplainError {
  return new VoxplainError(
    "invalid-argument",
    `there is no column "${column}" by which images could be chosen`,
    {
      found: columns.join(", "),
      hint: "name the column with the labels (--label)",
    },
  );
}

/** Labels that a message names. */
const mostNamed = 20;

function noTarget(list: ImageList, { name, labels, classes }: Model, column: string): VoxplainError {
  const named = [...(labels?.nodes ?? [])].map(([value, node]) => `${value} (class ${node})`);
  const known = named.length > 0 ? named : classes;
  return new VoxplainError(
    "invalid-argument",
    `the class to explain is not given${unknownOf(list, column, known)}`,
    {
      file: name,
      ...(known.length > 0 && { expected: `one of ${known.join(", ")}` }),
      hint: "name it by its number (--target_node 1), its label (--target_label) or its diagnosis (--target_diagnosis)",
    },
  );
}

/** Where the labels of the images are no classes of the model. */
function unknownOf({ images, columns }: ImageList, column: string, known: readonly string[]): string {
  const values = [...new Set(images.map(({ session }) => session.diagnosis))].filter((value) => value !== "");
  if (known.length > 0 || !columns.includes(column) || values.length === 0) return "";
  const some = values.slice(0, mostNamed).join(", ") + (values.length > mostNamed ? ", …" : "");
  return `, and nothing says which class each ${column} is, ${some} (--label_code)`;
}
