import type { PartSettings } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import {
  describeFolder,
  type FolderFacts,
  findSelection,
  loadNetwork,
  type ModelFolder,
  openModelFolder,
  surveyFolder,
} from "@voxplain/model-loader";
import type { NetworkChoice } from "./engine.ts";
import { classesOf, rowsOf } from "./model-facts.ts";
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
  const surveyed = await surveyFolder(folder, { signal });
  const facts = describeFolder(folder, surveyed);
  const networks = choicesOf(facts);
  if (networks.length === 0) {
    const reason = surveyed[0]?.problem?.message ?? facts.problems[0] ?? "it holds no trained network";
    throw new VoxplainError("not-found", `${files.name} has no network that can be used: ${reason}`);
  }
  return {
    problems: facts.problems,
    model: {
      description: {
        name: lastName(files.name),
        kind: "model-folder",
        facts: rowsOf(facts),
        classes: classesOf(settings, facts.classCount ?? 2),
        networks,
      },
      settings: partSettings,
      preprocessing: settings.preprocessing,
      normalize: settings.normalize,
      inputShape:
        settings.mode === "image" && facts.inputDims !== undefined
          ? {
              lengths: lengthsOf(facts.inputDims, facts.parameterCount !== undefined),
              channelsLast: false,
              steps: settings.normalize ? [{ kind: "min-max" }] : [],
            }
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
function lengthsOf([channels = 1, ...spatial]: readonly number[], isLoaded: boolean) {
  return [channels, ...spatial.map((length) => (isLoaded ? length : null))];
}

function chosen(choice: NetworkChoice | undefined, networks: readonly NetworkChoice[]): NetworkChoice {
  return choice ?? networks[0]!;
}

/** The folds and selections whose networks can all be tried. */
function choicesOf({ folds }: FolderFacts): NetworkChoice[] {
  return folds.flatMap(({ index: fold, networks }) => {
    const broken = new Set(networks.filter(({ isUsable }) => !isUsable).map(({ selection }) => selection));
    const selections = [...new Set(networks.map(({ selection }) => selection))];
    return selections.filter((name) => !broken.has(name)).map((selection) => ({ fold, selection }));
  });
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
