import { type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import { channelsFirst, onnxNetwork } from "@voxplain/model-loader";
import { openOnnxFile } from "@voxplain/onnx-graph";
import type { LoadedNetwork, ModelOpening } from "./open-model.ts";

/**
 * Opens an ONNX file. Of a file that leaves lengths of its input open, the first image tells them.
 * @throws VoxplainError where it cannot be read, or takes something else than images.
 */
export async function openOnnxModel(files: FileSource, path: FilePath): Promise<ModelOpening> {
  const stored = await openOnnxFile(files, path);
  const file = channelsFirst(stored);
  const dims = file.model.graph.inputs[0]?.dims;
  if (dims === undefined || (dims.length !== 4 && dims.length !== 5)) {
    throw new VoxplainError(
      "unsupported",
      `${file.name} takes inputs of ${dims === undefined ? "unknown shape" : `[${dims.map((dim) => dim ?? "?").join(", ")}]`}; ` +
        "networks of [batch, C, H, W] and [batch, C, X, Y, Z] can be explained",
    );
  }
  const lengths = dims.slice(1).map((dim) => (typeof dim === "number" ? dim : null));
  const storedType = [...(stored.storedTypes?.values() ?? [])][0] ?? "float32";
  // What takes integers takes intensities as they are stored.
  const normalize = storedType.includes("float");
  const load = (inputDims: readonly number[]): LoadedNetwork => onnxNetwork(file, { inputDims });
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
            value: `ONNX${stored.opset === undefined ? "" : `, operator set ${stored.opset}`}`,
          },
          { label: "Input", value: lengths.map((length) => length ?? "any").join(" × ") },
          {
            label: "Intensities",
            value: normalize
              ? "min-max normalised to 0–1 (the file does not say how it was trained)"
              : `as they are stored: the network takes ${storedType}`,
          },
          ...(known ? [{ label: "Parameters", value: known.parameterCount.toLocaleString("en") }] : []),
          { label: "Nodes", value: file.model.graph.nodes.length.toLocaleString("en") },
        ],
        classes: numberedClasses(known?.classCount ?? 0),
        networks: [],
      },
      settings: { mode: "image" },
      preprocessing: undefined,
      normalize,
      inputShape: { lengths, channelsLast: file !== stored, normalize },
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
