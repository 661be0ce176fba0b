import { statSync } from "node:fs";
import { dirname } from "node:path";
import { parsePreprocessing } from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { type Model, openModel, type ProblemList } from "@voxplain/study";
import { modelAt } from "@voxplain/study/node";
import { labelNodes } from "./check-images-options.ts";
import type { DataOptions } from "./data-options.ts";

/** The model of a job; undefined where it cannot be opened. What is wrong with it or its options is added to the problems. */
export async function openJobModel(options: DataOptions, problems: ProblemList): Promise<Model | undefined> {
  const { preprocess, output, label_code, label = "diagnosis", weights_key: weightsKey } = options;
  const preprocessing = await problems.attempt(() => preprocess && parsePreprocessing(preprocess));
  const nodes = await problems.attempt(() => label_code && labelNodes(label_code));
  const labels = nodes && { column: label, nodes };
  const model = await problems.attempt(() =>
    openModel(modelAt(options.model_path), { preprocessing, output, labels, weightsKey }),
  );
  if (model?.kind === "onnx-file" && options.images === undefined) problems.add(needsImages(model, options));
  return model;
}

/** Where results go without --output_dir: the folder of a model, or the one that an ONNX file is in. */
export function defaultOutput({ model_path: path }: DataOptions): string {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? dirname(path) : path;
}

function needsImages({ name }: Model, { caps_dir }: DataOptions): VoxplainError {
  const problem =
    caps_dir === undefined
      ? "an ONNX file does not say which images to use"
      : "an ONNX file does not say which images of a CAPS it was trained on";
  return new VoxplainError("invalid-argument", problem, {
    file: name,
    hint: "name a table with the columns participant_id and image, or a BIDS folder (--images <table or folder>)",
  });
}
