import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { isVoxplainError } from "@voxplain/core";
import type { FolderFacts, ModelFolder, SizedGroup } from "@voxplain/model-loader";
import { pathArgument, shellWord } from "@voxplain/report";
import type { Model, NetworkChoice } from "@voxplain/study";

/** The command that would explain a model. */
export interface NextCommand {
  /** To paste; undefined where nothing can be explained. */
  readonly command?: string;
  /** What to put in the place of a word in capitals, or why there is no command. */
  readonly note?: string;
}

interface Known {
  readonly folder: ModelFolder;
  readonly facts: FolderFacts;
  readonly model: Model;
  readonly groups: readonly SizedGroup[];
  readonly weightsKey: string | undefined;
}

/** What to run next on a model folder, with the data that the folder knows where it is there. */
export function nextCommand(modelPath: string, known: Known): NextCommand {
  const { folder, model, facts, groups, weightsKey } = known;
  if (facts.task === "reconstruction")
    return { note: "nothing: a reconstruction has no class and no value to explain" };
  const networks = networksOf(model, facts);
  if (networks === undefined) return { note: "nothing: no network can be loaded" };
  // What the training did not see comes first.
  const own = groups.find(({ fold, hasLabels }) => fold === undefined && hasLabels);
  const ofTraining = groups.find(
    ({ name, fold, hasLabels }) => name === "train" && fold !== undefined && hasLabels,
  );
  const list = own ?? ofTraining;
  const caps = pathOf(folder, list?.capsDirectory ?? facts.capsDir);
  const isWithout = caps !== undefined && list !== undefined && !hasSessions(caps, list);
  const needsLabels = list === undefined && pathOf(folder, facts.tsvPath) === undefined;
  const words = [
    ...["voxplain interpret group", shellWord(pathArgument(modelPath)), "MAP", "--use_cpu"],
    ...networks,
    ...(weightsKey === undefined ? [] : ["--weights_key", shellWord(weightsKey)]),
    ...targetOf(known),
    ...(own === undefined ? [] : ["--data_group", shellWord(own.name)]),
    ...(caps === undefined || isWithout ? ["--caps_dir", "CAPS"] : []),
    ...(needsLabels ? ["--tsv_path", "LABELS"] : []),
  ];
  const places = [
    ["MAP", "a name for the result"],
    [
      "CAPS",
      isWithout
        ? `a CAPS folder with the sessions of ${list.file}, of which ${caps} has none`
        : "your CAPS folder",
    ],
    ["LABELS", "your label lists"],
  ] as const;
  const note = places.flatMap(([word, meaning]) => (words.includes(word) ? [`${word}: ${meaning}`] : []));
  return { command: words.join(" "), note: note.join("; ") };
}

/** Whether a CAPS has any of the first sessions of a list. A table of cohorts is believed. */
function hasSessions(caps: string, { firstSessions, multiCohort }: SizedGroup): boolean {
  const isThere = ({ participantId, sessionId }: SizedGroup["firstSessions"][number]) =>
    existsSync(join(caps, "subjects", participantId, sessionId));
  return multiCohort || firstSessions.length === 0 || firstSessions.some(isThere);
}

/** Options that choose networks which can be loaded, in as many folds as there are; undefined where there are none. */
function networksOf(model: Model, { folds }: FolderFacts): readonly string[] | undefined {
  const usable = folds.map(({ index, networks }) => {
    const broken = networks.filter(({ isUsable }) => !isUsable).map(({ selection }) => selection);
    const selections = networks.map(({ selection }) => selection).filter((name) => !broken.includes(name));
    return { index, selections };
  });
  const isUsable = ({ fold, selection }: NetworkChoice) =>
    usable.some(({ index, selections }) => index === fold && selections.includes(selection ?? ""));
  if (usualChoice(model)?.every(isUsable)) return [];
  const withSelection = (name: string) => usable.filter(({ selections }) => selections.includes(name));
  const names = [...new Set(usable.flatMap(({ selections }) => selections))];
  const [wanted] = names.toSorted((a, b) => withSelection(b).length - withSelection(a).length);
  if (wanted === undefined) return undefined;
  const found = withSelection(wanted);
  return [
    ...["--selection", shellWord(wanted)],
    ...(found.length === folds.length ? [] : ["--folds", ...found.map(({ index }) => String(index))]),
  ];
}

/** The networks that are used by default; undefined where some of them are missing. */
function usualChoice(model: Model): readonly NetworkChoice[] | undefined {
  try {
    return model.choose({});
  } catch (error) {
    if (isVoxplainError(error)) return undefined;
    throw error;
  }
}

/** The class to explain, where the default would not do. */
function targetOf({ facts, model: { labels } }: Known): readonly string[] {
  if (facts.task === "regression") return [];
  if (labels === undefined) return ["--target_node", "0"];
  const values = [...labels.nodes.keys()];
  const [first = ""] = values;
  if (labels.column !== "diagnosis") return ["--target_label", shellWord(first)];
  return values.includes("AD") && (facts.diagnoses.length === 0 || facts.diagnoses.includes("AD"))
    ? []
    : ["--diagnosis", shellWord(facts.diagnoses.find((name) => values.includes(name)) ?? first)];
}

/** A path that is there: relative to the working directory, or to the model folder. */
function pathOf({ source }: ModelFolder, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  return [resolve(path), resolve(source.name, path)].find((one) => existsSync(one));
}
