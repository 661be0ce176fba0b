import type { PartSettings } from "@voxplain/caps-io";
import { type FileSource, isVoxplainError, VoxplainError } from "@voxplain/core";
import {
  expectedInputDims,
  findSelection,
  loadNetwork,
  type ModelFolder,
  openModelFolder,
  type TrainedModel,
} from "@voxplain/model-loader";
import type { NetworkChoice } from "./engine.ts";
import { classesOf, factsOf } from "./model-facts.ts";
import type { ModelOpening } from "./open-model.ts";
import { votingOf } from "./voting.ts";

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
        return loadNetwork(folder, fold, selection, {
          inputDims: dims,
          ...(isMultiple && { network: part }),
        });
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

function lastName(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;
}
