import {
  type ClinicadlMaps,
  clinicadlMaps,
  describeFolder,
  type FolderFacts,
  type ModelFolder,
  type SizedGroup,
  sizedGroups,
  surveyFolder,
  type WrittenOption,
  writtenOptions,
} from "@voxplain/model-loader";
import { openModel, trainedLabels } from "@voxplain/study";
import { type NextCommand, nextCommand } from "./next-command.ts";

/** A model folder, as `inspect` prints it. */
export interface InspectedFolder {
  readonly facts: FolderFacts;
  readonly settings: ModelFolder["settings"];
  /** The values of the label with their outputs, in the order of these; undefined where nothing says it. */
  readonly classes: readonly (readonly [value: string, node: number])[] | undefined;
  readonly groups: readonly SizedGroup[];
  readonly clinicadlMaps: readonly ClinicadlMaps[];
  readonly options: readonly WrittenOption[];
  readonly next: NextCommand;
}

/**
 * What a model folder holds, and what is missing in it.
 * @param modelPath - As it was typed.
 * @param weightsKey - Which state dict of its checkpoints is meant, where several would fit.
 */
export async function inspectFolder(
  modelPath: string,
  folder: ModelFolder,
  weightsKey: string | undefined,
): Promise<InspectedFolder> {
  const facts = describeFolder(folder, await surveyFolder(folder, { weightsKey }));
  const model = await openModel(folder.source);
  const groups = await sizedGroups(folder);
  return {
    ...{ facts, settings: folder.settings, classes: trainedLabels(folder), groups },
    clinicadlMaps: await clinicadlMaps(folder),
    options: writtenOptions(folder.settings),
    next: nextCommand(modelPath, { folder, model, facts, groups, weightsKey }),
  };
}
