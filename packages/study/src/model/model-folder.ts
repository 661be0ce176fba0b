import { diagnosisClasses } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import {
  expectedInputDims,
  type Fold,
  findSelection,
  loadNetwork,
  type ModelFolder,
  openModelFolder,
  reconstructionRefusal,
  type Selection,
} from "@voxplain/model-loader";
import { folderFacts } from "./folder-facts.ts";
import { classNames, type ModelLabels } from "./labels.ts";
import type { Model, NetworkChoice } from "./model.ts";
import { partSettings } from "./part-settings.ts";
import { readVotingWeights } from "./voting.ts";

/** Whatever the training saw: a network that tells AD from CN is asked about MCI too. */
const diagnosisLabels: ModelLabels = {
  column: "diagnosis",
  nodes: new Map(Object.entries(diagnosisClasses)),
};

/** Opens a folder that ClinicaDL 0.2 trained networks into. */
export async function openFolder(source: FileSource): Promise<Model> {
  const folder = await openModelFolder(source);
  const { settings, folds, missing } = folder;
  const isRegression = settings.raw.network_task === "regression";
  const labels = isRegression ? undefined : diagnosisLabels;
  return {
    name: source.name,
    kind: "model-folder",
    source,
    task: isRegression ? "regression" : "classification",
    classes: labels === undefined ? [] : classNames(labels, settings.diagnoses),
    ...(labels && { labels }),
    networks: folds.flatMap(({ index: fold, name: foldName, selections }) =>
      selections.map(({ name: selection }) => ({ fold, foldName, selection })),
    ),
    parts: partSettings(folder),
    input: {
      dims: expectedInputDims(settings),
      channelsLast: false,
      preparation: {
        kind: "caps",
        images: settings.images,
        normalize: settings.normalize,
      },
    },
    training: {
      file: `${source.name}/commandline.json`,
      caps: settings.capsDir,
      labels: settings.tsvPath,
      severalCohorts: settings.multiCohort,
      splitCount: settings.splitCount,
      diagnoses: settings.diagnoses,
    },
    problems: missing,
    ...(settings.task === "reconstruction" && { refusal: reconstructionRefusal(folder) }),
    choose({ folds: wanted = folds.map(({ index }) => index), selections = ["best_balanced_accuracy"] }) {
      return [...new Set(wanted)].flatMap((fold) =>
        [...new Set(selections)].map((selection) => {
          selectionOf(folder, { fold, selection });
          return { fold, foldName: foldOf(folder, fold).name, selection };
        }),
      );
    },
    facts: (options = {}) => folderFacts(folder, options),
    networkCount: (choice) => selectionOf(folder, choice).networks?.length,
    async load(choice, { inputDims, part, index, region = "grid" }) {
      if (index !== undefined || region !== "grid") throw notDense(source);
      const { fold, selection } = named(choice);
      // A folder that says it has a network per part and holds a single one is refused: it would see other parts.
      const isOfPart =
        selectionOf(folder, choice).networks !== undefined || settings.networkType === "multicnn";
      return loadNetwork(folder, fold, selection, { inputDims, ...(isOfPart && { network: part }) });
    },
    async votingWeights(choice) {
      return readVotingWeights(folder, named(choice));
    },
  };
}

function selectionOf(folder: ModelFolder, choice: NetworkChoice): Selection {
  const { fold, selection } = named(choice);
  return findSelection(folder, fold, selection);
}

/** A fold of which a selection was found. */
function foldOf({ folds }: ModelFolder, fold: number): Fold {
  const found = folds.find(({ index }) => index === fold);
  if (found === undefined) throw new RangeError("a network is of a fold of its folder");
  return found;
}

function named({ fold, selection }: NetworkChoice): Required<Omit<NetworkChoice, "foldName">> {
  if (fold === undefined || selection === undefined) {
    throw new RangeError("a network of a model folder has a fold and a selection");
  }
  return { fold, selection };
}

function notDense({ name }: FileSource): VoxplainError {
  return new VoxplainError(
    "unsupported",
    "a target mask, voxel or index chooses among the values of a dense output",
    {
      file: name,
      hint: "the networks of a model folder have one logit per class",
    },
  );
}
