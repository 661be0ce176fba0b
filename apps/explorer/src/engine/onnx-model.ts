import { parsePreprocessing, stepText } from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError } from "@voxplain/core";
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
  const loaded = fixed.length === dims?.length ? await loadedWith(model, fixed) : undefined;
  const known = loaded?.network;
  const scores = loaded?.scores;
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
          // One value is a number without classes, as that of a regression.
          task: scores === undefined ? "classification" : "regression",
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
        scores,
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

/** The network; or, where its output is no logit for each class, a sentence about how one value of it is chosen. */
interface LoadedOutput {
  readonly network?: OpenNetwork["network"];
  readonly scores?: string;
}

async function loadedWith(model: Model, inputDims: readonly number[]): Promise<LoadedOutput> {
  try {
    return { network: await model.load({}, { inputDims, part: 0 }) };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    // Where values can be chosen one by one, none at all is refused as a wrong choice, which says how many indices there are.
    const refusal: unknown = await model
      .load({}, { inputDims, part: 0, index: [] })
      .catch((reason: unknown) => reason);
    if (!isVoxplainError(refusal, "invalid-argument")) throw error;
    const shape = error.found === undefined ? "" : ` but ${error.found}`;
    return { scores: `${error.problem}${shape}: one value of it is explained, by ${refusal.expected}` };
  }
}

/** Positions of an output with a class for each. */
export function gridOf({ meanOver }: OpenNetwork["network"]): readonly number[] | undefined {
  return meanOver?.filter((length) => typeof length === "number");
}

export function numberedClasses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `class ${index}`);
}
