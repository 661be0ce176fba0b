import { diagnosisClasses, type PartSettings, readPartPredictions } from "@voxplain/caps-io";
import { type FileSource, isVoxplainError, joinPath, VoxplainError } from "@voxplain/core";
import {
  expectedInputDims,
  findSelection,
  loadNetwork,
  type ModelFolder,
  openModelFolder,
  type TrainedModel,
  type TrainingSettings,
} from "@voxplain/model-loader";
import { votingWeights } from "@voxplain/saliency";
import type { NetworkChoice } from "./engine.ts";
import type { ModelOpening, Voting } from "./open-model.ts";

/**
 * Opens a folder that ClinicaDL trained networks into; weights are read when a network is needed.
 * @throws VoxplainError where it is none, or where none of its networks can be used.
 */
export async function openFolderModel(files: FileSource, signal?: AbortSignal): Promise<ModelOpening> {
  const folder = await openModelFolder(files);
  const { settings } = folder;
  const partSettings = partSettingsOf(folder);
  const { networks, problems, sample } = await usableNetworks(folder, signal);
  if (networks.length === 0) {
    const reason = problems[0] ?? folder.missing[0] ?? "it holds no trained network";
    throw new VoxplainError("not-found", `${files.name} has no network that can be used: ${reason}`);
  }
  const inputDims = expectedInputDims(settings);
  return {
    problems: [...folder.missing, ...problems],
    model: {
      description: {
        name: lastName(files.name),
        kind: "model-folder",
        facts: factsOf(folder, networks, sample),
        classes: classesOf(settings, sample?.classCount ?? 2),
        networks,
      },
      settings: partSettings,
      preprocessing: settings.preprocessing,
      normalize: settings.normalize,
      inputShape:
        settings.mode === "image" && inputDims !== undefined
          ? { lengths: lengthsOf(inputDims, sample), channelsLast: false, normalize: settings.normalize }
          : undefined,
      networkCount: (choice) => {
        const { fold, selection } = chosen(choice, networks);
        return findSelection(folder, fold, selection).networks?.length;
      },
      async load(choice, dims, part) {
        const { fold, selection } = chosen(choice, networks);
        const isMultiple =
          findSelection(folder, fold, selection).networks !== undefined ||
          settings.networkType === "multicnn";
        const network = await loadNetwork(folder, fold, selection, {
          inputDims: dims,
          ...(isMultiple && { network: part }),
        });
        if ((network.fixedBatch ?? 1) > 1) {
          throw new VoxplainError(
            "unsupported",
            `${network.file} takes batches of ${network.fixedBatch} only: export the network with a free batch axis`,
          );
        }
        return network;
      },
      voting: async (choice) => votingOf(folder, chosen(choice, networks)),
    },
  };
}

/** Where no network takes images as the preprocessing makes them, another size may be what they were trained on. */
function lengthsOf([channels = 1, ...spatial]: readonly number[], sample: TrainedModel | undefined) {
  return [channels, ...spatial.map((length) => (sample === undefined ? null : length))];
}

function chosen(choice: NetworkChoice | undefined, networks: readonly NetworkChoice[]): NetworkChoice {
  return choice ?? networks[0]!;
}

/** Looks whether weights and architecture fit, where the size of the input is known; what does not is a problem. */
async function usableNetworks(folder: ModelFolder, signal: AbortSignal | undefined) {
  const inputDims = expectedInputDims(folder.settings);
  const networks: NetworkChoice[] = [];
  const problems: string[] = [];
  let sample: TrainedModel | undefined;
  for (const { index: fold, selections } of folder.folds) {
    for (const { name: selection, networks: ofParts } of selections) {
      signal?.throwIfAborted();
      try {
        if (inputDims !== undefined) {
          const network = ofParts?.[0]?.index;
          const options = { inputDims, ...(network !== undefined && { network }) };
          const loaded = await loadNetwork(folder, fold, selection, options);
          sample ??= loaded;
        }
        networks.push({ fold, selection });
      } catch (error) {
        if (!isVoxplainError(error)) throw error;
        problems.push(error.message);
        // Images of another size than the preprocessing makes may be what it was trained on.
        if (error.code === "mismatch") networks.push({ fold, selection });
      }
    }
  }
  return { networks, problems, sample };
}

function partSettingsOf({ settings, source }: ModelFolder): PartSettings {
  const { mode, patch, roi, slice } = settings;
  if (mode === "image") return { mode };
  if (mode === "patch" && patch) return { mode, ...patch };
  if (mode === "roi" && roi) return { mode, ...roi };
  if (mode === "slice" && slice) return { mode, ...slice };
  throw new VoxplainError(
    "invalid-file",
    `${source.name}/commandline.json says that "mode" is ${mode}, but not how the ${mode}s are made`,
  );
}

/** What each class is called: the diagnoses of the training that have it. */
function classesOf({ diagnoses }: TrainingSettings, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const names = diagnoses.filter(
      (name) => Object.hasOwn(diagnosisClasses, name) && diagnosisClasses[name] === index,
    );
    return names.length > 0 ? names.join("/") : `class ${index}`;
  });
}

function factsOf(
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

const partNames = { patch: "patches", roi: "regions", slice: "slices" } as const;

/** From the predictions on the validation set, as ClinicaDL weighs the parts; without them each counts the same. */
async function votingOf(folder: ModelFolder, choice: NetworkChoice): Promise<Voting | undefined> {
  const { settings, source } = folder;
  const { mode, selectionThreshold } = settings;
  if (mode === "image") return undefined;
  const { fold, selection } = choice;
  const count = findSelection(folder, fold, selection).networks?.length ?? 0;
  const inFold = (...path: string[]) =>
    joinPath(`fold-${fold}`, "cnn_classification", ...path, `validation_${mode}_level_prediction.tsv`);
  const whole = inFold(selection);
  const isWhole = count === 0 || (await source.open(whole)) !== undefined;
  const paths = isWhole ? [whole] : Array.from({ length: count }, (_, k) => inFold(`cnn-${k}`, selection));
  try {
    const lists = await Promise.all(paths.map((path) => readPartPredictions(source, path, mode)));
    const judged = lists.flat().map(({ partId, trueLabel, predictedLabel }) => ({
      partId,
      correct: trueLabel === predictedLabel,
    }));
    const weights = votingWeights(judged, selectionThreshold === undefined ? {} : { selectionThreshold });
    return { weights, warnings: [] };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    const warning = `all ${partNames[mode]} count the same in the vote on the class of an image: ${error.message}`;
    return { weights: "uniform", warnings: [warning] };
  }
}

function lastName(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;
}
