import type { ImageList } from "@voxplain/caps-io";
import { classNames } from "../model/labels.ts";
import type { Model, ModelLabels } from "../model/model.ts";

/**
 * A model that does not know its labels, with those of a list where they are whole numbers: these are its output nodes.
 * @param column - Of the labels.
 */
export function withNumberedLabels(model: Model, { images, failures }: ImageList, column: string): Model {
  if (model.labels !== undefined) return model;
  const values = new Set([...images, ...failures].map(({ session }) => session.diagnosis));
  values.delete("");
  if (values.size === 0 || ![...values].every((value) => /^\d{1,4}$/.test(value))) return model;
  const labels: ModelLabels = { column, nodes: new Map([...values].map((value) => [value, Number(value)])) };
  return { ...model, labels, classes: classNames(labels, values) };
}
