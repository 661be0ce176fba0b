import { type FileSource, VoxplainError } from "@voxplain/core";
import {
  defaultSelection,
  expectedInputDims,
  type Fold,
  findSelection,
  loadNetwork,
  type ModelFolder,
  openImageNetwork,
  openModelFolder,
  reconstructionRefusal,
  type Selection,
} from "@voxplain/model-loader";
import { folderFacts } from "./folder-facts.ts";
import { folderLabels } from "./folder-labels.ts";
import type { Model, NetworkChoice } from "./model.ts";
import { partSettings } from "./part-settings.ts";
import { seenInTraining } from "./seen-in-training.ts";
import { readVotingWeights } from "./voting.ts";

/** Opens a folder that ClinicaDL trained networks into: of 0.2, or a MAPS of 1.x. */
export async function openFolder(source: FileSource, weightsKey?: string): Promise<Model> {
  const folder = await openModelFolder(source);
  const { settings, folds, groups, missing, program } = folder;
  return {
    name: source.name,
    kind: "model-folder",
    source,
    task: settings.task,
    ...folderLabels(folder),
    networks: folds.flatMap(({ index: fold, name: foldName, selections }) =>
      selections.map(({ name: selection }) => ({ fold, foldName, selection })),
    ),
    parts: partSettings(folder),
    ...(settings.partCount !== undefined && { partCount: settings.partCount }),
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
      file: `${source.name}/${program.format === "0.2" ? "commandline.json" : "maps.json"}`,
      caps: settings.capsDir,
      labels: settings.tsvPath,
      severalCohorts: settings.multiCohort,
      splitCount: settings.splitCount,
      diagnoses: settings.diagnoses,
      groups,
    },
    problems: missing,
    ...(settings.task === "reconstruction" && { refusal: reconstructionRefusal(folder) }),
    choose({ folds: wanted = folds.map(({ index }) => index), selections }) {
      return [...new Set(wanted)].flatMap((fold) => {
        const typed = selections ?? [defaultOf(folder, fold)];
        const names = typed.map((selection) => selectionOf(folder, { fold, selection }).name);
        const foldName = foldOf(folder, fold).name;
        return [...new Set(names)].map((selection) => ({ fold, foldName, selection }));
      });
    },
    seenParticipants: async () => (program.format === "1.x" ? seenInTraining(source) : undefined),
    facts: (options = {}) => folderFacts(folder, { ...options, weightsKey }),
    networkCount: (choice) => selectionOf(folder, choice).networks?.length,
    async statedInput(choice) {
      const { onnx, networks } = selectionOf(folder, choice);
      const file = onnx ?? networks?.find((one) => one.onnx !== undefined)?.onnx;
      return file === undefined ? settings.inputDims : (await openImageNetwork(source, file)).lengths;
    },
    async load(choice, { inputDims, part, index, region = "grid" }) {
      if (index !== undefined || region !== "grid") throw notDense(source);
      const { fold, selection } = named(choice);
      // A folder that says it has a network per part and holds a single one is refused: it would see other parts.
      const isOfPart =
        selectionOf(folder, choice).networks !== undefined || settings.networkType === "multicnn";
      return loadNetwork(folder, fold, selection, {
        inputDims,
        weightsKey,
        ...(isOfPart && { network: part }),
      });
    },
    votingWeights: async (choice, group) => readVotingWeights(folder, named(choice), group),
  };
}

function selectionOf(folder: ModelFolder, choice: NetworkChoice): Selection {
  const { fold, selection } = named(choice);
  return findSelection(folder, fold, selection);
}

/** Each fold its own: folds of a MAPS may have networks that were chosen by different metrics. */
function defaultOf(folder: ModelFolder, fold: number): string {
  const own = folder.folds.filter(({ index }) => index === fold);
  return folder.program.format === "0.2"
    ? "best_balanced_accuracy"
    : defaultSelection({ ...folder, folds: own });
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
