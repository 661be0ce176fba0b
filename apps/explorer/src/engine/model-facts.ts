import { diagnosisClasses } from "@voxplain/caps-io";
import type { FolderFacts, TrainingSettings } from "@voxplain/model-loader";

/** What each class is called: the diagnoses of the training that have it. */
export function classesOf({ diagnoses }: TrainingSettings, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const names = diagnoses.filter(
      (name) => Object.hasOwn(diagnosisClasses, name) && diagnosisClasses[name] === index,
    );
    return names.length > 0 ? names.join("/") : `class ${index}`;
  });
}

/** What a person wants to know of a model folder, in rows. */
export function rowsOf(facts: FolderFacts) {
  const { architecture, folds, inputDims, mode, networkType, normalize, parameterCount } = facts;
  const usable = folds.flatMap(({ networks }) => networks).filter(({ isUsable }) => isUsable);
  const choices = new Set(usable.map(({ fold, selection }) => `${fold} ${selection}`)).size;
  const foldCount = new Set(usable.map(({ fold }) => fold)).size;
  const parts = networkType === "multicnn" ? "one network for each part" : "one network";
  return [
    { label: "Architecture", value: architecture ?? "of a random search" },
    { label: "Sees", value: mode === "image" ? "whole images" : `${partNames[mode]}, ${parts}` },
    { label: "Preprocessing", value: facts.preprocessing },
    {
      label: "Intensities",
      value: normalize ? "min-max normalised to 0–1, as in the training" : "as they are stored",
    },
    { label: "Input", value: inputDims?.join(" × ") ?? "known when an image is read" },
    ...(parameterCount === undefined
      ? []
      : [{ label: "Parameters", value: parameterCount.toLocaleString("en") }]),
    { label: "Trained on", value: facts.diagnoses.join(", ") || "not recorded" },
    {
      label: "Networks",
      value: `${choices} of ${foldCount} ${foldCount === 1 ? "fold" : "folds"}`,
    },
  ];
}

/** What people call the parts of each mode. */
const partNames = { patch: "patches", roi: "regions", slice: "slices" } as const;
