import { existsSync } from "node:fs";
import { join } from "node:path";
import { isVoxplainError } from "@voxplain/core";
import { openModel } from "@voxplain/study";
import { modelAt } from "@voxplain/study/node";

/** What the options of a line may name of its model. */
interface ModelValues {
  readonly selections: readonly string[];
  readonly groups: readonly string[];
  readonly labels: readonly string[];
}

/** Where no model folder is named yet: what folders of ClinicaDL 0.2 have. */
const usual: ModelValues = { selections: ["best_loss", "best_balanced_accuracy"], groups: [], labels: [] };

/** The selections, data groups and labels of the first model folder that a line names. */
export async function valuesOfModel(words: readonly string[]): Promise<ModelValues> {
  const isModel = (word: string) =>
    ["maps.json", "commandline.json"].some((file) => existsSync(join(word, file)));
  const path = words.find(isModel);
  if (path === undefined) return usual;
  try {
    const { networks, training, labels } = await openModel(modelAt(path));
    return {
      selections: [...new Set(networks.flatMap(({ selection }) => selection ?? []))],
      groups: [...new Set(training?.groups.map(({ name }) => name))],
      labels: [...(labels?.nodes.keys() ?? [])],
    };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return usual;
  }
}
