import type { Session } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import type { Model, ModelLabels } from "./model.ts";

/** The value of a session in a column of its labels; "" where there is none. */
export function labelOf({ diagnosis, row }: Session, column: string): string {
  const value = column === "diagnosis" ? diagnosis : (row[column] ?? "");
  return value === "n/a" ? "" : value;
}

/**
 * What the node of each class stands for; values that share a node are joined.
 * @param values - Those that the training saw; names of classes without one are their numbers.
 */
export function classNames({ nodes }: ModelLabels, values: Iterable<string>): readonly string[] {
  const known = [...values].flatMap((value) => {
    const node = nodes.get(value);
    return node === undefined ? [] : [{ value, node }];
  });
  const count = Math.max(-1, ...known.map(({ node }) => node)) + 1;
  const named = (index: number) => known.filter(({ node }) => node === index).map(({ value }) => value);
  return Array.from({ length: count }, (_, index) => named(index).join("/") || `class ${index}`);
}

/**
 * The output node of a value of the labels.
 * @throws VoxplainError `invalid-argument` listing the values that the model knows.
 */
export function nodeOfLabel({ name, labels }: Pick<Model, "name" | "labels">, value: string): number {
  const node = labels?.nodes.get(value);
  if (node !== undefined) return node;
  if (labels === undefined) {
    throw new VoxplainError("invalid-argument", "nothing says which class is which label", {
      file: name,
      hint: "name the class by its number (--target_node)",
    });
  }
  throw new VoxplainError(
    "invalid-argument",
    `the ${labels.column} "${value}" has no class (those that have: ${[...labels.nodes.keys()].join(", ")})`,
  );
}
