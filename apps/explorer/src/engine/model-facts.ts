import { diagnosisClasses } from "@voxplain/caps-io";
import {
  expectedInputDims,
  type ModelFolder,
  type TrainedModel,
  type TrainingSettings,
} from "@voxplain/model-loader";
import type { NetworkChoice } from "./engine.ts";

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
export function factsOf(
  { settings }: ModelFolder,
  networks: readonly NetworkChoice[],
  sample: TrainedModel | undefined,
) {
  const inputDims = expectedInputDims(settings);
  const folds = new Set(networks.map(({ fold }) => fold)).size;
  const parts = settings.networkType === "multicnn" ? "one network for each part" : "one network";
  return [
    {
      label: "Architecture",
      value: sample?.architecture ?? settings.architecture ?? "of a random search",
    },
    {
      label: "Sees",
      value: settings.mode === "image" ? "whole images" : `${partNames[settings.mode]}, ${parts}`,
    },
    { label: "Preprocessing", value: settings.preprocessing },
    {
      label: "Intensities",
      value: settings.normalize ? "min-max normalised to 0–1, as in the training" : "as they are stored",
    },
    { label: "Input", value: inputDims?.join(" × ") ?? "known when an image is read" },
    ...(sample ? [{ label: "Parameters", value: sample.parameterCount.toLocaleString("en") }] : []),
    { label: "Trained on", value: settings.diagnoses.join(", ") || "not recorded" },
    { label: "Networks", value: `${networks.length} of ${folds} ${folds === 1 ? "fold" : "folds"}` },
  ];
}

/** What people call the parts of each mode. */
export const partNames = { patch: "patches", roi: "regions", slice: "slices" } as const;
