import type { DType, Tensor } from "@voxplain/core";
import { dataTypeNumber } from "./data-type.ts";
import { float32Tensor, float32Weight } from "./float32-weight.ts";
import {
  type Attribute,
  type Graph,
  type Initializer,
  isInMemory,
  type Model,
  type Node,
  type ValueInfo,
} from "./model.ts";
import { inferShapes } from "./shape-inference.ts";

const halves: readonly DType[] = ["float16", "bfloat16"];
const halfNumbers = halves.map(dataTypeNumber);
const float32Number = dataTypeNumber("float32");

/** Attributes that hold the number of an element type. */
const typeAttributes = ["to", "dtype", "output_datatype", "output_dtype", "stash_type"];

/**
 * The model with float32 in the place of float16 and bfloat16 everywhere: weights (lazy ones are
 * converted while they are read), inputs, outputs, constants and casts. It computes what the given
 * model computes, without its rounding and overflow; files and memory of the weights are twice as
 * large. A model without half precision is given back as it is.
 */
export function toFloat32(model: Model): Model {
  if (!hasHalves(model.graph)) return model;
  const converted: Model = { ...model, graph: graphInFloat32(model.graph) };
  const values = inferShapes(converted);
  const nodes = converted.graph.nodes.map((node) => {
    const isCopy =
      node.domain === "" && node.opType === "Cast" && values.get(node.inputs[0]!)?.dtype === "float32";
    const to = node.attributes.to;
    if (!isCopy || to === undefined || !("int" in to) || to.int !== float32Number) return node;
    return { ...node, opType: "Identity", attributes: {} };
  });
  return { ...converted, graph: { ...converted.graph, nodes } };
}

const isHalf = ({ dtype }: { readonly dtype: DType }): boolean => halves.includes(dtype);

function hasHalves({ inputs, outputs, valueInfo, initializers, nodes }: Graph): boolean {
  if ([...inputs, ...outputs, ...valueInfo, ...initializers.values()].some(isHalf)) return true;
  return nodes.some(({ attributes }) =>
    Object.entries(attributes).some(([key, value]) => attributeHasHalves(key, value)),
  );
}

function attributeHasHalves(key: string, value: Attribute): boolean {
  if ("tensor" in value) return isHalf(value.tensor);
  if ("graph" in value) return hasHalves(value.graph);
  if ("graphs" in value) return value.graphs.some(hasHalves);
  return "int" in value && typeAttributes.includes(key) && halfNumbers.includes(value.int);
}

function graphInFloat32(graph: Graph): Graph {
  const inFloat32 = (value: ValueInfo): ValueInfo => (isHalf(value) ? { ...value, dtype: "float32" } : value);
  return {
    ...graph,
    inputs: graph.inputs.map(inFloat32),
    outputs: graph.outputs.map(inFloat32),
    valueInfo: graph.valueInfo.map(inFloat32),
    initializers: new Map(
      [...graph.initializers].map(([name, value]) => [name, weightInFloat32(name, value)]),
    ),
    nodes: graph.nodes.map(nodeInFloat32),
  };
}

function weightInFloat32(name: string, value: Initializer): Initializer {
  if (!isHalf(value)) return value;
  return isInMemory(value)
    ? float32Tensor(value as Tensor<"float16" | "bfloat16">)
    : float32Weight(name, value);
}

function nodeInFloat32(node: Node): Node {
  const attributes = Object.entries(node.attributes).map(([key, value]): [string, Attribute] => {
    if (!attributeHasHalves(key, value)) return [key, value];
    if ("graph" in value) return [key, { graph: graphInFloat32(value.graph) }];
    if ("graphs" in value) return [key, { graphs: value.graphs.map(graphInFloat32) }];
    if ("tensor" in value)
      return [key, { tensor: float32Tensor(value.tensor as Tensor<"float16" | "bfloat16">) }];
    return [key, { int: float32Number }];
  });
  return { ...node, attributes: Object.fromEntries(attributes) };
}
