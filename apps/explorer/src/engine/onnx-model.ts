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
  // What takes integers takes intensities as they are stored.
  const normalize = storedType.includes("float");
  const load = (inputDims: readonly number[]): LoadedNetwork => file.network({ inputDims, region: "grid" });
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
          {
            label: "Intensities",
            value: normalize
              ? "min-max normalised to 0–1 (the file does not say how it was trained)"
              : `as they are stored: the network takes ${storedType}`,
          },
          ...(known ? [{ label: "Parameters", value: known.parameterCount.toLocaleString("en") }] : []),
          { label: "Nodes", value: nodeCount.toLocaleString("en") },
        ],
        classes: numberedClasses(known?.classCount ?? 0),
        networks: [],
      },
      settings: { mode: "image" },
      preprocessing: undefined,
      normalize,
      inputShape: { lengths, channelsLast, steps: normalize ? [{ kind: "min-max" }] : [] },
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
