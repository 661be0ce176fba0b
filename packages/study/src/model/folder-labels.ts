import { diagnosisClasses } from "@voxplain/caps-io";
import type { ModelFolder } from "@voxplain/model-loader";
import { classNames } from "./labels.ts";
import type { ModelLabels } from "./model.ts";

/** What the outputs of a folder's networks stand for. */
interface FolderLabels {
  /** By their index; empty where that is not known. */
  readonly classes: readonly string[];
  /** Undefined where nothing says which class is which label. */
  readonly labels?: ModelLabels;
}

/** The classes of ClinicaDL 0.2, whatever the training saw: a network that separates AD from CN is asked about MCI too. */
const diagnosisLabels: ModelLabels = {
  column: "diagnosis",
  nodes: new Map(Object.entries(diagnosisClasses)),
};

/** The labels of a model folder: those of all folders of ClinicaDL 0.2, or those that a MAPS has in its `label_code`. */
export function folderLabels({ program, settings }: Pick<ModelFolder, "program" | "settings">): FolderLabels {
  const { task, label: column, labelCode: nodes, diagnoses } = settings;
  if (task === "reconstruction") return { classes: [] };
  if (program.format === "0.2") {
    // Nothing says which column a regression of 0.2 was trained on.
    if (task === "regression") return { classes: [] };
    return { classes: classNames(diagnosisLabels, diagnoses), labels: diagnosisLabels };
  }
  if (column === undefined) return { classes: [] };
  if (task === "regression") return { classes: [], labels: { column, nodes: new Map() } };
  if (nodes === undefined || nodes.size === 0) return { classes: [] };
  const positive = nodes.has("AD") ? "AD" : [...nodes].find(([, node]) => node === 1)?.[0];
  const labels = { column, nodes, ...(positive !== undefined && { positive }) };
  return { classes: classNames(labels, nodes.keys()), labels };
}

/**
 * The labels that a model folder was trained to classify, with their outputs, in the order of the outputs. ClinicaDL 0.2 has
 * one table of every diagnosis for all its models. Undefined where nothing says which output is which label.
 */
export function trainedLabels(
  folder: Pick<ModelFolder, "program" | "settings">,
): readonly (readonly [label: string, node: number])[] | undefined {
  const { labels } = folderLabels(folder);
  if (labels === undefined) return undefined;
  const { program, settings } = folder;
  const isTrained = (value: string) => program.format === "1.x" || settings.diagnoses.includes(value);
  return [...labels.nodes].filter(([value]) => isTrained(value)).sort(([, a], [, b]) => a - b);
}
