import { type FileSource, VoxplainError } from "@voxplain/core";
import { describeFolder, type FolderFacts, openModelFolder, surveyFolder } from "@voxplain/model-loader";
import { openModel } from "@voxplain/study";
import type { NetworkChoice } from "./engine.ts";
import { classesOf, rowsOf } from "./model-facts.ts";
import type { ModelOpening } from "./opened-model.ts";

/**
 * Opens a folder that ClinicaDL trained networks into; weights are read when a network is needed.
 * @throws VoxplainError where it is none, or where none of its networks can be used.
 */
export async function openFolderModel(
  files: FileSource,
  signal: AbortSignal | undefined,
): Promise<ModelOpening> {
  const folder = await openModelFolder(files);
  const surveyed = await surveyFolder(folder, { signal });
  const facts = describeFolder(folder, surveyed);
  const networks = choicesOf(facts);
  if (networks.length === 0) {
    const reason = surveyed[0]?.problem?.message ?? facts.problems[0] ?? "it holds no trained network";
    throw new VoxplainError("not-found", `${files.name} has no network that can be used: ${reason}`);
  }
  const model = await openModel(files);
  return {
    problems: facts.problems,
    opened: {
      description: {
        name: files.name.split(/[/\\]/).filter(Boolean).at(-1) ?? files.name,
        ...{ kind: "model-folder", facts: rowsOf(facts), networks },
        classes: classesOf(folder.settings, facts.classCount ?? 2),
        ...{ hasParts: model.parts.mode !== "image", preprocessing: undefined, outputGrid: undefined },
      },
      model: async () => model,
    },
  };
}

/** The folds and selections whose networks can all be tried. */
function choicesOf({ folds }: FolderFacts): NetworkChoice[] {
  return folds.flatMap(({ index: fold, networks }) => {
    const broken = new Set(networks.filter(({ isUsable }) => !isUsable).map(({ selection }) => selection));
    const selections = [...new Set(networks.map(({ selection }) => selection))];
    return selections.filter((name) => !broken.has(name)).map((selection) => ({ fold, selection }));
  });
}
