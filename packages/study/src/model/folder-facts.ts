import { partNouns } from "@voxplain/caps-io";
import {
  describeFolder,
  type FolderFacts,
  type ModelFolder,
  type SurveyOptions,
  surveyFolder,
} from "@voxplain/model-loader";
import { folderLabels, trainedLabels } from "./folder-labels.ts";
import type { ModelFacts, NetworkChoice } from "./model.ts";

/** Looks at each network of a model folder. @throws What the signal was aborted with. */
export async function folderFacts(folder: ModelFolder, options: SurveyOptions): Promise<ModelFacts> {
  const surveyed = await surveyFolder(folder, options);
  const facts = describeFolder(folder, surveyed);
  return {
    rows: rowsOf(facts, folder),
    networks: choicesOf(facts),
    classCount: facts.classCount,
    failures: surveyed.flatMap(({ problem }) => problem ?? []),
    problems: facts.problems,
  };
}

/** The folds and selections whose networks can all be tried. */
function choicesOf({ folds }: FolderFacts): NetworkChoice[] {
  return folds.flatMap(({ index: fold, name: foldName, networks }) => {
    const broken = new Set(networks.filter(({ isUsable }) => !isUsable).map(({ selection }) => selection));
    const selections = [...new Set(networks.map(({ selection }) => selection))];
    return selections.filter((name) => !broken.has(name)).map((selection) => ({ fold, foldName, selection }));
  });
}

/** What a person wants to know of a model folder, in rows. */
function rowsOf(facts: FolderFacts, folder: ModelFolder): ModelFacts["rows"] {
  const { architecture, folds, inputDims, mode, networkType, normalize, parameterCount } = facts;
  const usable = folds.flatMap(({ networks }) => networks).filter(({ isUsable }) => isUsable);
  const choices = new Set(usable.map(({ fold, selection }) => `${fold} ${selection}`)).size;
  const foldCount = new Set(usable.map(({ fold }) => fold)).size;
  const parts = networkType === "multicnn" ? "one network for each part" : "one network";
  return [
    { label: "Written by", value: writtenBy(folder.program) },
    { label: "Architecture", value: architecture ?? "of a random search" },
    { label: "Sees", value: mode === "image" ? "whole images" : `${partNouns[mode]}, ${parts}` },
    { label: "Preprocessing", value: facts.images.preprocessing },
    {
      label: "Intensities",
      value: normalize ? "min-max normalized to 0–1, as in the training" : "as they are stored",
    },
    { label: "Input", value: inputDims?.join(" × ") ?? "known when an image is read" },
    ...(parameterCount === undefined
      ? []
      : [{ label: "Parameters", value: parameterCount.toLocaleString("en") }]),
    { label: "Gives", value: outputOf(folder) },
    { label: "Trained on", value: facts.diagnoses.join(", ") || "not recorded" },
    {
      label: "Networks",
      value: `${choices} from ${foldCount} ${foldCount === 1 ? "fold" : "folds"}`,
    },
  ];
}

/** "ClinicaDL 1.6.1 (MAPS)". */
function writtenBy({ name, version, format }: ModelFolder["program"]): string {
  return `${name} ${version ?? format}${format === "1.x" ? " (MAPS)" : ""}`;
}

/** The classes by the values of the labels, "diagnosis: AD 0, CN 1", or the number that is predicted. */
function outputOf(folder: ModelFolder): string {
  const { task, label = "diagnosis" } = folder.settings;
  if (task === "reconstruction") return "an image";
  if (task === "regression") return `a number: ${label}`;
  const { labels, classes } = folderLabels(folder);
  const used = trainedLabels(folder) ?? [];
  if (used.length === 0) return classes.join(", ") || "classes whose labels are not recorded";
  return `${labels?.column}: ${used.map(([value, node]) => `${value} ${node}`).join(", ")}`;
}
