import type { Session } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { Cohort, SessionList } from "../cohort/cohort.ts";
import { labelOf } from "../model/labels.ts";
import type { Model, ModelLabels } from "../model/model.ts";
import type { Request } from "./request.ts";

/** What the labels say of the sessions of a list, in a model's terms. */
interface TrueLabels {
  /** The node of each session's class, or the number that a regression is to find. Sessions without a label are not in it. */
  readonly trueLabels: ReadonlyMap<Session, number>;
  /** Sentences about sessions without a label, and with one that the model does not know. */
  readonly warnings: readonly string[];
}

/**
 * The true labels of the sessions. A row may have a diagnosis of its own, such as an sMCI in the list of MCI; where the
 * model does not know it, that of the list counts.
 * @throws VoxplainError `invalid-argument` naming the rows whose value the model does not know, where labels decide about
 * the result.
 */
export function trueLabelsOf(
  { task, labels }: Model,
  { sessions, listed, isLabelled = false }: Pick<SessionList, "sessions" | "listed" | "isLabelled">,
  request: Pick<Request, "result" | "keepTrue" | "unknownLabels">,
): TrueLabels {
  if (labels === undefined) return { trueLabels: new Map(), warnings: [] };
  const read = task === "regression" ? numberOf : (value: string) => labels.nodes.get(value);
  const trueLabels = new Map<Session, number>();
  const unknown: Unknown[] = [];
  let without = 0;
  for (const session of sessions) {
    const value = isLabelled ? session.diagnosis : labelOf(session, labels.column);
    const label =
      read(value) ?? (labels.column === "diagnosis" ? read(listed?.get(session) ?? "") : undefined);
    if (label !== undefined) trueLabels.set(session, label);
    else if (value === "") without++;
    else unknown.push({ session, value });
  }
  // Those of a list whose diagnosis was asked for have been refused by its name.
  const refused = unknown.filter(({ session, value }) => value !== listed?.get(session));
  // Those of a list of images may be of another column than those of the training.
  const isOwn = unknown.every(({ session: { row }, value }) => (row[labels.column] ?? value) === value);
  const named = isOwn ? labels : { ...labels, column: "label" };
  if (refused.length > 0 && judges(request)) throw unknownLabels(named, refused, task);
  return {
    trueLabels,
    warnings: [
      ...(unknown.length === 0 ? [] : [unknownSentence(named, unknown, task)]),
      ...(without === 0 || trueLabels.size === 0
        ? []
        : [`${without} of ${sessions.length} sessions have no ${labels.column}, so they are not judged`]),
    ],
  };
}

/** The diagnoses of a cohort that a model has to know. */
export function judgedDiagnoses(
  { labels }: Model,
  { diagnoses = [] }: Cohort,
  request: Request,
): readonly string[] {
  return labels?.column === "diagnosis" && judges(request) ? diagnoses.filter((one) => one !== "") : [];
}

/** Whether the labels decide about the result. */
function judges({
  result,
  keepTrue,
  unknownLabels = "refuse",
}: Pick<Request, "result" | "keepTrue" | "unknownLabels">): boolean {
  return (result === "predictions" && unknownLabels === "refuse") || keepTrue !== undefined;
}

interface Unknown {
  readonly session: Session;
  readonly value: string;
}

function numberOf(value: string): number | undefined {
  const number = Number(value);
  return value.trim() === "" || !Number.isFinite(number) ? undefined : number;
}

function unknownLabels(labels: ModelLabels, unknown: readonly Unknown[], task: Model["task"]): VoxplainError {
  return new VoxplainError("invalid-argument", unknownSentence(labels, unknown, task));
}

/** "the diagnosis of 2 sessions has no class (those that have: AD, CN): sub-01 ses-M00 (MCI), sub-02 ses-M00 (MCI)" */
function unknownSentence({ column, nodes }: ModelLabels, unknown: readonly Unknown[], task: Model["task"]) {
  const named = unknown.slice(0, 10).map(({ session, value }) => `${session.name} (${value})`);
  const more = unknown.length > named.length ? ` and ${unknown.length - named.length} more` : "";
  const what =
    task === "regression"
      ? "is not a number"
      : `has no class (those that have: ${[...nodes.keys()].join(", ")})`;
  const count = unknown.length === 1 ? "1 session" : `${unknown.length} sessions`;
  return `the ${column} of ${count} ${what}: ${named.join(", ")}${more}`;
}
