import {
  allocate,
  type DType,
  elementAt,
  elementCount,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import type { Dim, Graph, GraphBuilder, Node, StandardNode, ValueInfo } from "@voxplain/onnx-graph";
import type { RuleContext } from "./rule.ts";
import { unbroadcast } from "./unbroadcast.ts";

/** What all rules of one differentiation share. */
export interface Emission {
  /** The forward graph. */
  readonly graph: Graph;
  /** Where nodes are added. */
  readonly builder: GraphBuilder;
  readonly opset: number;
  /** Value → the forward node that computes it. */
  readonly producers: ReadonlyMap<string, Node>;
  readonly values: ReadonlyMap<string, ValueInfo>;
  /** Values that do not depend on what is fed. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Values whose gradients are wanted. */
  readonly active: ReadonlySet<string>;
  /** Outputs of forward nodes with those that rules have asked for; filled by `extraOutput`. */
  readonly extendedOutputs: Map<Node, string[]>;
  /** Shape values that were already emitted, by their axes; filled by `shapeOf`. */
  readonly shapes: Map<string, string>;
}

/** Rules write out what they do along an axis; none of an image or its features is longer, but in damaged files. */
const longest = 2 ** 20;

const notFixed = "is not fixed";

/** True for a refusal because of a length that is not a number. */
export function isOpenLength({ code, problem }: VoxplainError): boolean {
  return code === "unsupported" && problem.includes(notFixed);
}

/** The view that the rule of one node gets. */
export function ruleContext(emission: Emission, node: StandardNode): RuleContext {
  const { builder, opset, values, active, extendedOutputs } = emission;
  const unsupported = (what: string) =>
    new VoxplainError(
      "unsupported",
      `the gradient of ${node.opType} "${node.name}" is not supported: ${what}`,
    );
  const dims = (value: string): readonly Dim[] => {
    const known = values.get(value)?.dims;
    if (known === undefined) throw unsupported(`the number of axes of "${value}" is not known`);
    return known;
  };
  const emit: RuleContext["emit"] = (opType, inputs, attributes) =>
    builder.add(opType, inputs, attributes, { name: builder.fresh(`gradient/${node.name}/${opType}`) });
  const dtype = values.get(elementAt(node.outputs, 0))?.dtype ?? "float32";

  const context: RuleContext = {
    node,
    x: nonEmpty(node.inputs, () => unsupported("it has no input")),
    y: nonEmpty(node.outputs, () => unsupported("it has no output")),
    dtype,
    opset,
    dims,
    lengths(value, first = 0) {
      const lengths = dims(value).slice(first);
      const long = lengths.find((length) => typeof length === "number" && length > longest);
      if (long !== undefined) throw unsupported(`an axis of "${value}" is ${long} long`);
      if (lengths.every((length) => typeof length === "number")) return lengths;
      throw unsupported(`the shape of "${value}", [${dims(value).map(lengthText).join(", ")}], ${notFixed}`);
    },
    constantOf: (value) => (value === undefined ? undefined : emission.constants.get(value)),
    producer: (value) => emission.producers.get(value),
    wants: (input) => active.has(node.inputs[input] ?? ""),
    emit,
    constant: (value) => builder.constant(value),
    float(value, shape) {
      const numbers = typeof value === "number" ? [value] : value;
      const constant = floatTensor(
        dtype,
        shape ?? (typeof value === "number" ? [] : [value.length]),
        numbers,
      );
      // Half-precision constants are made by a node: ONNX Runtime computes it when it loads the model.
      return constant.dtype === dtype
        ? builder.constant(constant)
        : emit("CastLike", [builder.constant(constant), elementAt(node.outputs, 0)]);
    },
    int64: (numbers) => builder.int64(numbers),
    shapeOf: (value) => shapeOf(emission, value, dims(value)),
    zeros: (shape) => emit("ConstantOfShape", [shape], { value: { tensor: zero(dtype) } }),
    extraOutput(position) {
      const names = extendedOutputs.get(node) ?? [...node.outputs];
      while (names.length <= position) names.push("");
      const name = names[position] || builder.fresh(`${node.outputs[0]}:${position}`);
      names[position] = name;
      extendedOutputs.set(node, names);
      return name;
    },
    unbroadcast: (cotangent, from, to) => unbroadcast(context, cotangent, from, to),
    unsupported,
  };
  return context;
}

function nonEmpty<T>([first, ...others]: readonly T[], error: () => Error): readonly [T, ...T[]] {
  if (first === undefined) throw error();
  return [first, ...others];
}

function lengthText(dim: Dim): string {
  return dim === null ? "?" : String(dim);
}

/** A scalar zero, in the shape [1] that ConstantOfShape takes. */
export function zero(dtype: DType): Tensor {
  return tensor(dtype, [1], allocate(dtype, 1)) as Tensor;
}

function floatTensor(dtype: DType, dims: readonly number[], values: readonly number[]): Tensor {
  const [first, ...others] = values;
  const isOne = first !== undefined && others.length === 0;
  const filled = isOne ? new Array<number>(elementCount(dims)).fill(first) : values;
  return dtype === "float64"
    ? tensor("float64", dims, Float64Array.from(filled))
    : tensor("float32", dims, Float32Array.from(filled));
}

/**
 * Built from the graph's inputs where their symbols suffice ("batch"), so that the value itself
 * need not be kept in memory for the sake of its shape.
 */
function shapeOf({ graph, builder, shapes }: Emission, value: string, dims: readonly Dim[]): string {
  if (dims.every((dim) => typeof dim === "number")) return builder.int64(dims);
  const known = dims.every((dim) => dim !== null && (typeof dim === "number" || symbolSource(graph, dim)));
  const key = known ? JSON.stringify(dims) : value;
  const before = shapes.get(key);
  if (before !== undefined) return before;
  const shape = known ? joined() : builder.add("Shape", [value]);
  shapes.set(key, shape);
  return shape;

  function joined(): string {
    const parts: string[] = [];
    let fixed: number[] = [];
    const flush = () => {
      if (fixed.length > 0) parts.push(builder.int64(fixed));
      fixed = [];
    };
    for (const dim of dims) {
      const source = typeof dim === "string" ? symbolSource(graph, dim) : undefined;
      if (typeof dim === "number") fixed.push(dim);
      else if (source !== undefined) {
        flush();
        parts.push(lengthOf(source.name, source.axis));
      }
    }
    flush();
    const [only, ...others] = parts;
    return only !== undefined && others.length === 0 ? only : builder.add("Concat", parts, { axis: 0 });
  }

  function lengthOf(input: string, axis: number): string {
    const lengthKey = `${axis} ${input}`;
    const found = shapes.get(lengthKey) ?? builder.add("Shape", [input], { start: axis, end: axis + 1 });
    shapes.set(lengthKey, found);
    return found;
  }
}

/** The graph input, and its axis, that has the length for which a symbol stands. */
function symbolSource(graph: Graph, symbol: string): { name: string; axis: number } | undefined {
  for (const { name, dims } of graph.inputs) {
    const axis = dims?.indexOf(symbol) ?? -1;
    if (axis >= 0) return { name, axis };
  }
  return undefined;
}
