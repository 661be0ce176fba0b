import { VoxplainError } from "@voxplain/core";
import { dtypeOf } from "./data-type.ts";
import { type ExternalFiles, externalFiles, type OpenExternalData } from "./external-data.ts";
import type { Attribute, Dim, Graph, Initializer, Model, Node, ValueInfo } from "./model.ts";
import type { Message } from "./protobuf.ts";
import { decodeMessage } from "./protobuf-reader.ts";
import { attributeTypes, onnxSchema } from "./schema.ts";
import { decodeConstant, decodeWeight } from "./tensor-codec.ts";
import { validateGraph } from "./validate-graph.ts";

/** Where a model comes from. */
export interface DecodeOptions {
  /** What to call the file in messages. */
  readonly name?: string;
  /**
   * Opens a file of weights beside the model, by the path that the model states; asked when the
   * first weight in it is read.
   */
  readonly externalData?: OpenExternalData;
}

/**
 * Reads an ONNX file. Weights inside it are views into `bytes`, which must not be changed afterwards;
 * those of 1 MiB and more, and external ones, are lazy. Nodes come out in an order in which they can
 * be computed; nodes without a name get one after their output.
 * @throws VoxplainError `invalid-file` when it is none or damaged, `unsupported` when the graph needs
 * functions of the file's own, sparse weights, text or sequences, `unsafe-file` when it wants weights
 * from outside of its folder. That a file of weights is missing or too short shows when it is read.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Model {
  try {
    return modelOf(decodeMessage(onnxSchema, "Model", bytes), externalFiles(options.externalData));
  } catch (error) {
    if (!(error instanceof VoxplainError) || options.name === undefined) throw error;
    throw new VoxplainError(error.code, `${options.name}: ${error.message}`, { cause: error });
  }
}

function modelOf(message: Message, external: ExternalFiles): Model {
  if (message.graph === undefined) {
    throw new VoxplainError(
      "invalid-file",
      "this is not an ONNX model, or a truncated one: it holds no graph",
    );
  }
  const irVersion = numberOf(message.irVersion);
  const opsets = Object.fromEntries(
    list(message.opsetImport).map(({ domain, version }) => [domainOf(domain), numberOf(version)]),
  );
  // Before IR 3 a file did not say it; everything was operator set 1.
  if (irVersion < 3) opsets[""] ??= 1;
  const functions = new Set(list(message.functions).map(({ domain, name }) => `${domainOf(domain)}:${name}`));
  const graph = graphOf(message.graph as Message, { external, opsets, functions });
  return {
    irVersion,
    opsets,
    producerName: textOf(message.producerName),
    producerVersion: textOf(message.producerVersion),
    metadata: Object.fromEntries(
      list(message.metadata).map(({ key, value }) => [textOf(key), textOf(value)]),
    ),
    graph: validateGraph(graph),
  };
}

interface Surroundings {
  readonly external: ExternalFiles;
  readonly opsets: Readonly<Record<string, number>>;
  /** Functions that the file defines, as "domain:name". */
  readonly functions: ReadonlySet<string>;
}

function graphOf(message: Message, surroundings: Surroundings): Graph {
  const initializers = new Map<string, Initializer>();
  for (const proto of list(message.initializer)) {
    const name = textOf(proto.name);
    if (initializers.has(name)) {
      throw new VoxplainError("invalid-file", `two weights of the model have the name "${name}"`);
    }
    initializers.set(name, decodeWeight(proto, surroundings.external));
  }
  const nodes = list(message.node).map((node) => nodeOf(node, surroundings));
  checkSparse(message, nodes);
  return {
    name: textOf(message.name),
    nodes,
    // Before IR 4 weights were listed among the inputs too.
    inputs: list(message.input)
      .filter(({ name }) => !initializers.has(textOf(name)))
      .map(valueInfoOf),
    outputs: list(message.output).map(valueInfoOf),
    initializers,
    // Inner values may be sequences or text in parts of a graph that a model never uses.
    valueInfo: list(message.valueInfo).filter(isTensor).map(valueInfoOf),
  };
}

function checkSparse(message: Message, nodes: readonly Node[]): void {
  const names = list(message.sparseInitializer).map(({ values }) => textOf((values as Message)?.name));
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const needed = names.find((name) => used.has(name));
  if (needed === undefined) return;
  throw new VoxplainError(
    "unsupported",
    `the weight "${needed}" is sparse, which is not supported; save it as a dense one`,
  );
}

function nodeOf(message: Message, surroundings: Surroundings): Node {
  const domain = domainOf(message.domain);
  const opType = textOf(message.opType);
  const outputs = (message.output as readonly string[] | undefined) ?? [];
  const name = textOf(message.name) || `${opType}(${outputs.find((output) => output !== "") ?? ""})`;
  if (surroundings.functions.has(`${domain}:${opType}`)) {
    throw new VoxplainError(
      "unsupported",
      `${opType} "${name}" is a function that the file defines itself; export the model with functions inlined`,
    );
  }
  if (!Object.hasOwn(surroundings.opsets, domain)) {
    throw new VoxplainError(
      "invalid-file",
      `${opType} "${name}" is of the operator set "${domain}", but the file does not say which version: it may be truncated`,
    );
  }
  return {
    name,
    opType,
    domain,
    inputs: (message.input as readonly string[] | undefined) ?? [],
    outputs,
    attributes: Object.fromEntries(
      list(message.attribute).map((attribute) => {
        const key = textOf(attribute.name);
        return [key, attributeOf(attribute, `"${key}" of ${opType} "${name}"`, surroundings)];
      }),
    ),
  };
}

function attributeOf(message: Message, where: string, surroundings: Surroundings): Attribute {
  switch (kindOf(message)) {
    case "float":
      return { float: numberOf(message.float) };
    case "int":
      return { int: numberOf(message.int) };
    case "string":
      return { string: utf8(message.string ?? new Uint8Array()) };
    case "floats":
      return { floats: (message.floats as readonly number[] | undefined) ?? [] };
    case "ints":
      return { ints: ((message.ints as readonly (number | bigint)[] | undefined) ?? []).map(Number) };
    case "strings":
      return { strings: ((message.strings as readonly Uint8Array[] | undefined) ?? []).map(utf8) };
    case "tensor":
      return { tensor: decodeConstant((message.tensor as Message) ?? {}, where) };
    case "graph":
      return { graph: graphOf((message.graph as Message) ?? {}, surroundings) };
    case "graphs":
      return { graphs: list(message.graphs).map((graph) => graphOf(graph, surroundings)) };
    default:
      throw new VoxplainError(
        "unsupported",
        `the attribute ${where} has the ONNX attribute type ${message.type}, which is not supported`,
      );
  }
}

/** Files of the first ONNX version do not say the type: it is that of the field that is there. */
function kindOf(message: Message): string | undefined {
  const kinds = Object.entries(attributeTypes);
  const isStated = numberOf(message.type) !== 0;
  return kinds.find(([kind, type]) => (isStated ? type === message.type : message[kind] !== undefined))?.[0];
}

function isTensor(message: Message): boolean {
  const tensor = (message.type as Message | undefined)?.tensor as Message | undefined;
  try {
    return tensor !== undefined && dtypeOf(numberOf(tensor.elementType), "") !== undefined;
  } catch {
    return false;
  }
}

function valueInfoOf(message: Message): ValueInfo {
  const name = textOf(message.name);
  const type = (message.type as Message | undefined)?.tensor as Message | undefined;
  if (type === undefined) {
    throw new VoxplainError("unsupported", `"${name}" is not a tensor (but a sequence or the like)`);
  }
  const shape = type.shape as Message | undefined;
  return {
    name,
    dtype: dtypeOf(numberOf(type.elementType), `"${name}"`),
    dims: shape && list(shape.dim).map(dimOf),
  };
}

function dimOf({ value, parameter }: Message): Dim {
  if (typeof value === "number" && value >= 0) return value;
  return typeof parameter === "string" && parameter !== "" ? parameter : null;
}

/** The standard operators' domain has two names. */
function domainOf(value: unknown): string {
  return value === "ai.onnx" ? "" : textOf(value);
}

const utf8 = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);
const list = (value: unknown) => (value as readonly Message[] | undefined) ?? [];
const textOf = (value: unknown) => (value as string | undefined) ?? "";
const numberOf = (value: unknown) => (value === undefined ? 0 : Number(value));
