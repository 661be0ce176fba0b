import { type DType, type Tensor, tensor } from "@voxplain/core";
import type { Attribute, Attributes, Dim, Graph, Initializer, Model, Node, ValueInfo } from "./model.ts";

/** Attribute values as one writes them: see `attribute` for how they are typed. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | Attribute;

/** What a node is called and gives. */
export interface NodeOptions {
  /** Of the node; default: made from the operator and a number. */
  readonly name?: string;
  /** Of the operator; default "", the standard one. */
  readonly domain?: string;
  /** Names of the outputs; fresh ones are made where absent. */
  readonly outputs?: readonly string[];
}

/** Collects nodes, constants, inputs and outputs; gives value names back. */
export interface GraphBuilder {
  /** Declares a value that is fed. Returns its name. */
  input(name: string, dtype: DType, dims: readonly Dim[]): string;
  /** Adds a node with one output and returns the output's name. */
  add(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    options?: NodeOptions,
  ): string;
  /** Adds a node with `count` outputs and returns their names. */
  addMany(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes?: Readonly<Record<string, AttributeValue>>,
    options?: NodeOptions,
  ): string[];
  /** Adds a node as it is. */
  addNode(node: Node): void;
  /** Adds a weight under its own name. Returns the name. */
  initializer(name: string, value: Initializer): string;
  /** A small constant; the same constant asked for twice is stored once. Returns its name. */
  constant(value: Tensor): string;
  /** int64 constant of shape [values.length], as shapes and axes are given to operators. */
  int64(values: readonly number[]): string;
  /** float32 scalar constant. */
  scalar(value: number): string;
  /** Names a value as an output of the graph. */
  output(name: string, dtype: DType, dims: readonly Dim[] | undefined): void;
  /** A value name that is not taken, readable: derived from `hint`. */
  fresh(hint: string): string;
  /** The graph as it stands; the builder can go on. */
  build(): Graph;
}

/**
 * Starts a graph, empty or on top of one that exists (whose nodes come first).
 * The name of a value or of a node is never used twice.
 */
export function graphBuilder(name: string, base?: Graph): GraphBuilder {
  const nodes: Node[] = [...(base?.nodes ?? [])];
  const inputs: ValueInfo[] = [...(base?.inputs ?? [])];
  const outputs: ValueInfo[] = [...(base?.outputs ?? [])];
  const initializers = new Map(base?.initializers ?? []);
  const taken = new Set<string>([
    ...nodes.flatMap((node) => [node.name, ...node.outputs]),
    ...inputs.map((value) => value.name),
    ...initializers.keys(),
  ]);
  const counters = new Map<string, number>();
  const interned = new Map<string, string>();

  function fresh(hint: string): string {
    if (!taken.has(hint)) {
      taken.add(hint);
      return hint;
    }
    for (let n = counters.get(hint) ?? 1; ; n++) {
      const candidate = `${hint}_${n}`;
      if (taken.has(candidate)) continue;
      counters.set(hint, n + 1);
      taken.add(candidate);
      return candidate;
    }
  }

  const builder: GraphBuilder = {
    fresh,
    input(inputName, dtype, dims) {
      taken.add(inputName);
      inputs.push({ name: inputName, dtype, dims });
      return inputName;
    },
    add: (opType, nodeInputs, attributes, options) =>
      builder.addMany(opType, nodeInputs, 1, attributes, options)[0]!,
    addMany(opType, nodeInputs, count, attributes = {}, options = {}) {
      const nodeName = options.name ?? fresh(opType);
      const names = Array.from({ length: count }, (_, k) => {
        const asked = options.outputs?.[k];
        if (asked === undefined) return fresh(`${nodeName}:${k}`);
        taken.add(asked);
        return asked;
      });
      nodes.push({
        name: nodeName,
        opType,
        domain: options.domain ?? "",
        inputs: nodeInputs,
        outputs: names,
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([key, value]) => [key, attribute(value)]),
        ),
      });
      return names;
    },
    addNode(node) {
      for (const name of [node.name, ...node.outputs]) taken.add(name);
      nodes.push(node);
    },
    initializer(initializerName, value) {
      taken.add(initializerName);
      initializers.set(initializerName, value);
      return initializerName;
    },
    constant(value) {
      const key = `${value.dtype} [${value.dims.join()}] ${Array.from(value.data, spelled).join()}`;
      const known = interned.get(key);
      if (known !== undefined) return known;
      const constantName = fresh(value.data.length === 1 ? `const_${value.data[0]}` : "const");
      interned.set(key, constantName);
      initializers.set(constantName, value);
      return constantName;
    },
    int64: (values) => builder.constant(tensor("int64", [values.length], BigInt64Array.from(values, BigInt))),
    scalar: (value) => builder.constant(tensor("float32", [], Float32Array.of(value))),
    output(outputName, dtype, dims) {
      outputs.push({ name: outputName, dtype, dims });
    },
    build: () => ({
      name,
      nodes: [...nodes],
      inputs,
      outputs,
      initializers,
      valueInfo: base?.valueInfo ?? [],
    }),
  };
  return builder;
}

/** −0 and 0 are different constants. */
function spelled(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * Types an attribute: integers are `int` (`ints`), text is `string` (`strings`). A number that is
 * no integer is a `float`; write `{ float: 1 }` for a whole one, since ONNX tells the two apart.
 */
export function attribute(value: AttributeValue): Attribute {
  if (typeof value === "number") return Number.isInteger(value) ? { int: value } : { float: value };
  if (typeof value === "string") return { string: value };
  if (!Array.isArray(value)) return value as Attribute;
  if (value.every((item) => typeof item === "string")) {
    return value.length > 0 ? { strings: value } : { ints: [] };
  }
  const numbers = value as readonly number[];
  return numbers.every(Number.isInteger) ? { ints: numbers } : { floats: numbers };
}

/** Makes a model of a graph: opset 17 and IR 8, which every ONNX Runtime since 1.12 reads. */
export function modelOf(graph: Graph, options: Partial<Omit<Model, "graph">> = {}): Model {
  return {
    irVersion: 8,
    opsets: { "": 17 },
    producerName: "voxplain",
    producerVersion: "",
    metadata: {},
    ...options,
    graph,
  };
}

/** Attribute access with a default, for readers of nodes. */
export function intAttribute(attributes: Attributes, key: string, fallback: number): number {
  const found = attributes[key];
  return found !== undefined && "int" in found ? found.int : fallback;
}

/** A list of integers among a node's attributes, or the operator's default. */
export function intsAttribute(
  attributes: Attributes,
  key: string,
  fallback: readonly number[],
): readonly number[] {
  const found = attributes[key];
  return found !== undefined && "ints" in found ? found.ints : fallback;
}

/** A float attribute of a node, or the operator's default. */
export function floatAttribute(attributes: Attributes, key: string, fallback: number): number {
  const found = attributes[key];
  return found !== undefined && "float" in found ? found.float : fallback;
}

/** A text attribute of a node, or the operator's default. */
export function stringAttribute(attributes: Attributes, key: string, fallback: string): string {
  const found = attributes[key];
  return found !== undefined && "string" in found ? found.string : fallback;
}
