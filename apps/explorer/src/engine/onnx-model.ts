import { parsePreprocessing, stepText } from "@voxplain/caps-io";
import type { FilePath, FileSource } from "@voxplain/core";
import { type Model, type OpenNetwork, openModel } from "@voxplain/study";
import type { ModelOpening } from "./opened-model.ts";

/**
 * Opens an ONNX file. Lengths that the file leaves open are taken from the first image.
 * @throws VoxplainError where it cannot be read, or takes something else than images.
 */
export async function openOnnxFile(files: FileSource, path: FilePath): Promise<ModelOpening> {
  const place = { source: files, below: path };
  const model = await openModel(place);
  const { rows } = await model.facts();
  const { dims, preparation } = model.input;
  const fixed = dims?.filter((length) => length !== null) ?? [];
  const known =
    fixed.length === dims?.length ? await model.load({}, { inputDims: fixed, part: 0 }) : undefined;
  const stated =
    preparation.kind === "steps" && preparation.origin === "model"
      ? preparation.steps.map(stepText)
      : undefined;
  let last: { readonly key: string; readonly model: Promise<Model> } | undefined;
  return {
    problems: [],
    opened: {
      description: {
        ...{
          name: path.slice(path.lastIndexOf("/") + 1),
          kind: "onnx",
          task: "classification",
          networks: [],
          hasParts: false,
        },
        facts: [
          ...rows,
          ...(known ? [{ label: "Parameters", value: known.parameterCount.toLocaleString("en") }] : []),
        ],
        classes: numberedClasses(known?.classCount ?? 0),
        preprocessing: { steps: stated, source: `the metadata of ${model.name}` },
        outputGrid: known && gridOf(known),
      },
      async model(asked) {
        if (asked === undefined) return model;
        const key = asked.join(" ");
        if (last?.key !== key) {
          last = { key, model: openModel(place, { preprocessing: parsePreprocessing(asked) }) };
        }
        return last.model;
      },
    },
  };
}

/** Positions of an output with a class for each. */
export function gridOf({ meanOver }: OpenNetwork["network"]): readonly number[] | undefined {
  return meanOver?.filter((length) => typeof length === "number");
}

export function numberedClasses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `class ${index}`);
}
