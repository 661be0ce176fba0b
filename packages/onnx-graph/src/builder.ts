import { type DType, type Tensor, tensor } from "@voxplain/core";
import type { Attribute, Attributes, Dim, Graph, Initializer, Model, Node, ValueInfo } from "./model.ts";
import type { OperatorName } from "./operator-name.ts";

/** Attribute values as one writes them: see `attribute` for how they are typed. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | Attribute;

/** Attributes of a node as one writes them. */
export type AttributeValues = Readonly<Record<string, AttributeValue>>;

/** What a node is called and gives. */
export interface NodeOptions {
  /** Name of the node; default: made from the operator and a number. */
  readonly name?: string;
  /** Names of the outputs; fresh ones are made where absent. */
  readonly outputs?: readonly string[];
}

/** What a node of an operator that is not a standard one is called and gives. */
export interface OtherDomain extends NodeOptions {
  /** Domain of the operator: "com.microsoft". */
  readonly domain: string;
}

/** Collects nodes, constants, inputs and outputs; gives value names back. */
export interface GraphBuilder {
  /** Declares a value that is fed. Returns its name. */
  input(name: string, dtype: DType, dims: readonly Dim[]): string;
  /** Adds a node with one output and returns the output's name. */
  add(
    opType: OperatorName,
    inputs: readonly string[],
    attributes?: AttributeValues,
    options?: NodeOptions,
  ): string;
  /** Adds a node of an operator of another domain. */
  add(opType: string, inputs: readonly string[], attributes: AttributeValues, options: OtherDomain): string;
  /** Adds a node with `count` outputs, one at least, and returns their names. */
  addMany(
    opType: OperatorName,
    inputs: readonly string[],
    count: number,
    attributes?: AttributeValues,
    options?: NodeOptions,
  ): [string, ...string[]];
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

  function outputName(nodeName: string, k: number, { outputs: asked }: NodeOptions): string {
    const name = asked?.[k];
    if (name === undefined) return fresh(`${nodeName}:${k}`);
    taken.add(name);
    return name;
  }

  function push(
    nodeName: string,
    opType: string,
    nodeInputs: readonly string[],
    names: readonly string[],
    attributes: AttributeValues = {},
    { domain = "" }: Partial<OtherDomain>,
  ): void {
    const typed = Object.entries(attributes).map(([key, value]) => [key, attribute(value)] as const);
    nodes.push({
      ...{ name: nodeName, opType, domain, inputs: nodeInputs, outputs: names },
      attributes: Object.fromEntries(typed),
    });
  }

  const builder: GraphBuilder = {
    fresh,
    input(inputName, dtype, dims) {
      taken.add(inputName);
      inputs.push({ name: inputName, dtype, dims });
      return inputName;
    },
    add(opType: string, nodeInputs, attributes, options = {}) {
      const nodeName = options.name ?? fresh(opType);
      const output = outputName(nodeName, 0, options);
      push(nodeName, opType, nodeInputs, [output], attributes, options);
      return output;
    },
    addMany(opType, nodeInputs, count, attributes, options = {}) {
      const nodeName = options.name ?? fresh(opType);
      const names: [string, ...string[]] = [outputName(nodeName, 0, options)];
      for (let k = 1; k < count; k++) names.push(outputName(nodeName, k, options));
      push(nodeName, opType, nodeInputs, names, attributes, options);
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
      const key = `${value.dtype} [${value.dims.join()}] ${Array.from(value.data, numberText).join()}`;
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
function numberText(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * Types an attribute: integers are `int` (`ints`), text is `string` (`strings`). A number that is
 * no integer is a `float`; write `{ float: 1 }` for a whole one, since ONNX distinguishes the two.
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
