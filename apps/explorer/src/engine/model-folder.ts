import { type FileSource, VoxplainError } from "@voxplain/core";
import { describeFolder, type FolderFacts, openModelFolder, surveyFolder } from "@voxplain/model-loader";
import { openModel } from "@voxplain/study";
import type { NetworkChoice } from "./engine.ts";
import { classesOf, rowsOf } from "./model-facts.ts";
import type { ModelOpening } from "./open-model.ts";

/**
 * Opens a folder that ClinicaDL trained networks into; weights are read when a network is needed.
 * @throws VoxplainError where it is none, or where none of its networks can be used.
 */
export async function openFolderModel(files: FileSource, signal?: AbortSignal): Promise<ModelOpening> {
  const folder = await openModelFolder(files);
  const { settings } = folder;
  const surveyed = await surveyFolder(folder, { signal });
  const facts = describeFolder(folder, surveyed);
  const networks = choicesOf(facts);
  if (networks.length === 0) {
    const reason = surveyed[0]?.problem?.message ?? facts.problems[0] ?? "it holds no trained network";
    throw new VoxplainError("not-found", `${files.name} has no network that can be used: ${reason}`);
  }
  const model = await openModel(files);
  const { preparation } = model.input;
  if (preparation.kind !== "caps") throw new RangeError("a model folder says how images are prepared");
  const { preprocessing, normalize } = preparation;
  const isWhole = model.parts.mode === "image";
  return {
    problems: facts.problems,
    model: {
      description: {
        ...{ name: lastName(files.name), kind: "model-folder", facts: rowsOf(facts), networks },
        classes: classesOf(settings, facts.classCount ?? 2),
        ...{ hasParts: !isWhole, preprocessing: undefined, outputGrid: undefined },
      },
      ...{ settings: model.parts, preprocessing, normalize },
      inputSpec:
        isWhole && facts.inputDims !== undefined
          ? { lengths: lengthsOf(facts.inputDims, facts.parameterCount !== undefined), channelsLast: false }
          : undefined,
      stepsFor: () => ({ steps: normalize ? [{ kind: "min-max" }] : [] }),
      networkCount: (choice) => model.networkCount(chosen(choice, networks)),
      load: ({ network }, inputDims, part) => model.load(chosen(network, networks), { inputDims, part }),
      voting: async (choice) => (isWhole ? undefined : model.votingWeights(chosen(choice, networks))),
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

function lastName(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;
}
