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
const float32Number = dataTypeNumber("float32");

/** Attributes that hold the number of an element type. */
const typeAttributes = ["to", "dtype", "output_datatype", "output_dtype", "stash_type"];

/**
 * The model with float32 in the place of float16 and bfloat16 everywhere: weights (lazy ones are
 * converted while they are read), inputs, outputs, constants and casts. It computes what the given
 * model computes, without its rounding and overflow; files and memory of the weights are twice as
 * large. So is float64 where an input holds it, which rounds. A model without either is given back as it is.
 */
export function toFloat32(model: Model): Model {
  const isDouble = model.graph.inputs.some(({ dtype }) => dtype === "float64");
  const others: Others = new Set(isDouble ? [...halves, "float64"] : halves);
  if (!hasOthers(model.graph, others)) return model;
  const converted: Model = { ...model, graph: graphInFloat32(model.graph, others) };
  const values = inferShapes(converted);
  const nodes = converted.graph.nodes.map((node) => {
    const isCopy =
      node.domain === "" && node.opType === "Cast" && values.get(node.inputs[0] ?? "")?.dtype === "float32";
    const to = node.attributes.to;
    if (!isCopy || to === undefined || !("int" in to) || to.int !== float32Number) return node;
    return { ...node, opType: "Identity", attributes: {} };
  });
  return { ...converted, graph: { ...converted.graph, nodes } };
}

/** The types that become float32. */
type Others = ReadonlySet<DType>;

function hasOthers({ inputs, outputs, valueInfo, initializers, nodes }: Graph, others: Others): boolean {
  const typed = [...inputs, ...outputs, ...valueInfo, ...initializers.values()];
  if (typed.some(({ dtype }) => others.has(dtype))) return true;
  return nodes.some(({ attributes }) =>
    Object.entries(attributes).some(([key, value]) => attributeHasOthers(key, value, others)),
  );
}

function attributeHasOthers(key: string, value: Attribute, others: Others): boolean {
  if ("tensor" in value) return others.has(value.tensor.dtype);
  if ("graph" in value) return hasOthers(value.graph, others);
  if ("graphs" in value) return value.graphs.some((graph) => hasOthers(graph, others));
  return (
    "int" in value &&
    typeAttributes.includes(key) &&
    [...others].some((dtype) => dataTypeNumber(dtype) === value.int)
  );
}

function graphInFloat32(graph: Graph, others: Others): Graph {
  const inFloat32 = (value: ValueInfo): ValueInfo =>
    others.has(value.dtype) ? { ...value, dtype: "float32" } : value;
  return {
    ...graph,
    inputs: graph.inputs.map(inFloat32),
    outputs: graph.outputs.map(inFloat32),
    valueInfo: graph.valueInfo.map(inFloat32),
    initializers: new Map(
      [...graph.initializers].map(([name, value]) => [name, weightInFloat32(name, value, others)]),
    ),
    nodes: graph.nodes.map((node) => nodeInFloat32(node, others)),
  };
}

function weightInFloat32(name: string, value: Initializer, others: Others): Initializer {
  if (!others.has(value.dtype)) return value;
  return isInMemory(value) ? float32Tensor(value as Tensor<Wide>) : float32Weight(name, value);
}

type Wide = "float16" | "bfloat16" | "float64";

function nodeInFloat32(node: Node, others: Others): Node {
  const attributes = Object.entries(node.attributes).map(([key, value]): [string, Attribute] => {
    if (!attributeHasOthers(key, value, others)) return [key, value];
    if ("graph" in value) return [key, { graph: graphInFloat32(value.graph, others) }];
    if ("graphs" in value)
      return [key, { graphs: value.graphs.map((graph) => graphInFloat32(graph, others)) }];
    if ("tensor" in value) return [key, { tensor: float32Tensor(value.tensor as Tensor<Wide>) }];
    return [key, { int: float32Number }];
  });
  return { ...node, attributes: Object.fromEntries(attributes) };
}
