import { choosePreprocessing, parsePreprocessing } from "@voxplain/caps-io";
import type { FilePath, FileSource } from "@voxplain/core";
import { type ImageNetworkFile, type OutputRegion, openImageNetwork } from "@voxplain/model-loader";
import type { Model } from "@voxplain/study";
import type { ModelOpening } from "./opened-model.ts";

/**
 * Opens an ONNX file. Of a file that leaves lengths of its input open, the first image tells them.
 * @throws VoxplainError where it cannot be read, or takes something else than images.
 */
export async function openOnnxModel(files: FileSource, path: FilePath): Promise<ModelOpening> {
  const file = await openImageNetwork(files, path);
  const { lengths, channelsLast, storedType, opset, nodeCount } = file;
  const source = `the metadata of ${file.name}`;
  const stated = file.preprocessing && { steps: parsePreprocessing(file.preprocessing), source };
  const fixed = lengths.filter((length) => length !== null);
  const known =
    fixed.length === lengths.length ? file.network({ inputDims: fixed, region: "grid" }) : undefined;
  let last: { readonly key: unknown; readonly model: Model } | undefined;
  return {
    problems: [],
    opened: {
      description: {
        name: path.slice(path.lastIndexOf("/") + 1),
        kind: "onnx",
        facts: [
          { label: "Format", value: `ONNX${opset === undefined ? "" : `, operator set ${opset}`}` },
          { label: "Input", value: lengths.map((length) => length ?? "any").join(" × ") },
          ...(storedType === "float32" ? [] : [{ label: "Input type", value: storedType }]),
          ...(known ? [{ label: "Parameters", value: known.parameterCount.toLocaleString("en") }] : []),
          { label: "Nodes", value: nodeCount.toLocaleString("en") },
        ],
        classes: numberedClasses(known?.classCount ?? 0),
        networks: [],
        hasParts: false,
        preprocessing: { steps: file.preprocessing, source },
        outputGrid: known && gridOf(known),
      },
      files: {
        spec: { lengths, channelsLast },
        stepsFor: (asked) => choosePreprocessing(asked && parsePreprocessing(asked), stated),
      },
      model(region) {
        const key = typeof region === "object" && "voxel" in region ? region.voxel.join() : region;
        if (last?.key !== key) last = { key, model: modelOf(files, path, file, region) };
        return last.model;
      },
    },
  };
}

/** Positions of an output with a class for each. */
export function gridOf({ meanOver }: ReturnType<ImageNetworkFile["network"]>): readonly number[] | undefined {
  return meanOver?.filter((length) => typeof length === "number");
}

export function numberedClasses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `class ${index}`);
}

function modelOf(source: FileSource, path: FilePath, file: ImageNetworkFile, region: OutputRegion): Model {
  return {
    ...{ name: file.name, kind: "onnx-file", source, task: "classification", classes: [] },
    ...{ networks: [{}], parts: { mode: "image" }, facts: [], problems: [] },
    input: {
      dims: file.lengths,
      channelsLast: file.channelsLast,
      preparation: { kind: "steps", steps: [], origin: "none" },
    },
    choose: () => [{}],
    networkCount: () => undefined,
    load: async (_, { inputDims }) => ({ ...file.network({ inputDims, region }), file: path }),
    votingWeights() {
      throw new RangeError("whole images do not vote");
    },
  };
}
