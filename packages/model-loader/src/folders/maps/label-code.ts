import type { FileSource } from "@voxplain/core";
import type { TrainingSettings } from "../../settings/settings.ts";
import { type DataGroup, readDataList } from "./data-groups.ts";

/** Values beyond this are no classes. */
const mostClasses = 10_000;

/**
 * The nodes of the values of a label where maps.json has none, as ClinicaDL numbers them: by the order of the distinct
 * values in the training list of the first fold. undefined where that list has no such column.
 * @param missing - Gets a sentence that says so.
 */
export async function rebuiltLabelCode(
  source: FileSource,
  groups: readonly DataGroup[],
  { label, task }: TrainingSettings,
  missing: string[],
): Promise<ReadonlyMap<string, number> | undefined> {
  if (task !== "classification" || label === undefined) return undefined;
  const list = groups.find(({ name, fold }) => name === "train" && fold !== undefined)?.file;
  const values = list === undefined ? [] : await valuesOf(source, list, label);
  if (values.length === 0 || values.length > mostClasses) {
    missing.push(
      `maps.json has no "label_code", and ${list ?? "groups/train"} has no column "${label}": it is not known which output is which class`,
    );
    return undefined;
  }
  missing.push(`maps.json has no "label_code": the classes are numbered by the values in ${list}`);
  return new Map(values.map((value, node) => [value, node]));
}

async function valuesOf(source: FileSource, file: string, label: string): Promise<readonly string[]> {
  const { columns, rows } = await readDataList(source, file);
  const column = columns.indexOf(label);
  if (column < 0) return [];
  const values = [...new Set(rows.map((row) => row[column] ?? ""))].filter((value) => value !== "");
  // Columns of numbers are sorted as numbers.
  const areNumbers = values.every((value) => Number.isFinite(Number(value)));
  return areNumbers ? values.sort((a, b) => Number(a) - Number(b)) : values.sort((a, b) => (a < b ? -1 : 1));
}
