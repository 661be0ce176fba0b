import { VoxplainError } from "@voxplain/core";
import type { ProblemList } from "@voxplain/study";
import type { DataOptions } from "./data-options.ts";

/** Adds what options about images, labels and ONNX files exclude or need to the problems. */
export function checkImagesOptions(options: DataOptions, problems: ProblemList): void {
  const { images, caps_dir, tsv_path, data_group, baseline, label } = options;
  const wrong = (problem: string, hint: string) =>
    problems.add(new VoxplainError("invalid-argument", problem, { hint }));
  if (images === undefined) {
    const { bids_filter, label_code, masks } = options;
    const needs = Object.entries({ label, bids_filter, label_code, masks });
    for (const [option, value] of needs) {
      if (value !== undefined) wrong(`--${option} needs images`, "name a table or a BIDS folder (--images)");
    }
    return;
  }
  const excluded = [
    ...(caps_dir === undefined ? [] : ["--caps_dir"]),
    ...(tsv_path === undefined ? [] : ["--tsv_path"]),
    ...(data_group === undefined ? [] : ["--data_group"]),
    ...(baseline ? ["--baseline"] : []),
  ];
  for (const option of excluded) {
    wrong(
      `--images and ${option} exclude each other`,
      "the table or folder of --images names the images and has their labels",
    );
  }
  if (label === "") wrong("--label is empty", "name a column of the table");
}

/**
 * The output nodes of labels: "AD=1".
 * @throws VoxplainError `invalid-argument` for a text that is not a value with a node, and for a value that is given twice.
 */
export function labelNodes(texts: readonly string[]): ReadonlyMap<string, number> {
  const nodes = new Map<string, number>();
  for (const text of texts) {
    const [, value = "", node = ""] = /^(.+)=(\d+)$/.exec(text) ?? [];
    if (value === "" || nodes.has(value)) {
      throw new VoxplainError("invalid-argument", "--label_code cannot be used", {
        expected: "value=node for each value of the labels once, such as CN=0 AD=1",
        found: text,
      });
    }
    nodes.set(value, Number(node));
  }
  return nodes;
}
