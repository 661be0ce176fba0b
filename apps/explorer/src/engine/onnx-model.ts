import { choosePreprocessing, parsePreprocessing } from "@voxplain/caps-io";
import type { FilePath, FileSource } from "@voxplain/core";
import { openImageNetwork } from "@voxplain/model-loader";
import type { LoadedNetwork, ModelOpening } from "./open-model.ts";

/**
 * Opens an ONNX file. Of a file that leaves lengths of its input open, the first image tells them.
 * @throws VoxplainError where it cannot be read, or takes something else than images.
 */
export async function openOnnxModel(files: FileSource, path: FilePath): Promise<ModelOpening> {
  const file = await openImageNetwork(files, path);
  const { lengths, channelsLast, storedType, opset, nodeCount } = file;
  const source = `the metadata of ${file.name}`;
  const stated = file.preprocessing && { steps: parsePreprocessing(file.preprocessing), source };
  const load = (inputDims: readonly number[]): LoadedNetwork => {
    const network = file.network({ inputDims, region: "grid" });
    const positions = network.meanOver?.filter((length) => typeof length === "number");
    return { ...network, ...(positions && { outputGrid: positions }) };
  };
  const isFixed = lengths.every((length) => length !== null);
  const known = isFixed ? load(lengths as number[]) : undefined;
  return {
    problems: [],
    model: {
      description: {
        name: path.slice(path.lastIndexOf("/") + 1),
        kind: "onnx",
        facts: [
          {
            label: "Format",
            value: `ONNX${opset === undefined ? "" : `, operator set ${opset}`}`,
          },
          { label: "Input", value: lengths.map((length) => length ?? "any").join(" × ") },
          ...(storedType === "float32" ? [] : [{ label: "Input type", value: storedType }]),
          ...(known ? [{ label: "Parameters", value: known.parameterCount.toLocaleString("en") }] : []),
          { label: "Nodes", value: nodeCount.toLocaleString("en") },
        ],
        classes: numberedClasses(known?.classCount ?? 0),
        networks: [],
        hasParts: false,
        preprocessing: { steps: file.preprocessing, source },
        outputGrid: known?.outputGrid,
      },
      settings: { mode: "image" },
      preprocessing: undefined,
      normalize: false,
      inputSpec: { lengths, channelsLast },
      stepsFor: (asked) => choosePreprocessing(asked && parsePreprocessing(asked), stated),
      networkCount: () => undefined,
      load: async (_, inputDims) => (known && isSame(known.inputDims, inputDims) ? known : load(inputDims)),
      voting: async () => undefined,
    },
  };
}

export function numberedClasses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `class ${index}`);
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.join() === b.join();
}
