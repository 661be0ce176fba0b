import {
  type Dim,
  type Graph,
  inferShapes,
  type Node,
  type OnnxFile,
  type ValueInfo,
} from "@voxplain/onnx-graph";
import { inFile } from "./in-file.ts";

/** What there is to know of an ONNX file, for people who choose an output or a layer. */
export interface OnnxFacts {
  /** The file, as its source names it. */
  readonly name: string;
  /** What wrote it, with its version: "pytorch 2.4.0"; undefined where the file does not say it. */
  readonly producer: string | undefined;
  /** The operator set that the file states. */
  readonly opset: number | undefined;
  /** Names of the operators of its graph, sorted. */
  readonly operators: readonly string[];
  /** With the element types that the file stores. */
  readonly inputs: readonly OnnxValue[];
  /** With the element types that the file stores. */
  readonly outputs: readonly OnnxValue[];
  /** The values that depend on an input and hold numbers, with the operators that compute them. */
  readonly layers: readonly OnnxLayer[];
}

/** A value inside of a graph. */
export interface OnnxLayer extends Omit<OnnxValue, "dtype"> {
  /** The operator that computes it. */
  readonly operator: string;
}

/** A named value of a graph. */
export interface OnnxValue {
  /** In the graph. */
  readonly name: string;
  /** "float32", "int64", … */
  readonly dtype: string;
  /** A name or null for a length that is open; undefined where not even their number is known. */
  readonly dims: readonly Dim[] | undefined;
}

/**
 * The facts of an ONNX file, from its graph alone: weights are not read.
 * @throws VoxplainError `mismatch` naming the file, where nodes do not fit their inputs.
 */
export function describeOnnx(file: OnnxFile): OnnxFacts {
  const { graph, producerName, producerVersion } = file.model;
  const shapes = inFile(file.name, () => inferShapes(file.model));
  const described = ({ name, dtype, dims }: ValueInfo) => ({
    name,
    dtype: file.storedTypes?.get(name) ?? dtype,
    dims,
  });
  return {
    name: file.name,
    producer: `${producerName} ${producerVersion}`.trim() || undefined,
    opset: file.opset,
    operators: [...new Set(graph.nodes.map(({ opType }) => opType))].sort(),
    inputs: graph.inputs.map(described),
    outputs: graph.outputs.map(described),
    layers: layerNodes(graph).flatMap(({ opType: operator, outputs }) =>
      outputs.flatMap((name) => {
        const info = shapes.get(name);
        return info?.dtype.includes("float") ? [{ name, operator, dims: info.dims }] : [];
      }),
    ),
  };
}

/** Operators whose values are no layers, though they depend on the image. */
const noLayers: ReadonlySet<string> = new Set("Shape Size Cast CastLike ConstantOfShape Identity".split(" "));

/** The nodes whose values depend on an input; what is computed from weights and settings alone is no layer. */
function layerNodes({ nodes, inputs }: Graph): Node[] {
  const fed = new Set(inputs.map(({ name }) => name));
  return nodes.filter(({ opType, inputs: used, outputs, attributes }) => {
    const isFed =
      used.some((name) => fed.has(name)) || Object.values(attributes).some((one) => "graph" in one);
    if (!isFed || opType === "Shape" || opType === "Size") return false;
    for (const name of outputs) fed.add(name);
    return !noLayers.has(opType);
  });
}
