import {
  bytesPerElement,
  type ExternalData,
  elementCount,
  type ModelArtifact,
  VoxplainError,
} from "@voxplain/core";
import {
  type Attribute,
  type Dim,
  type Graph,
  type Initializer,
  isInMemory,
  type Model,
  type Node,
  type ValueInfo,
} from "./model.ts";
import { sortNodes } from "./node-order.ts";
import { decodeMessage, encodeMessage, type Message } from "./protobuf.ts";
import { attributeTypes, onnxSchema } from "./schema.ts";
import {
  dataTypeNumber,
  decodeTensor,
  dtypeOf,
  encodeTensor,
  type OpenExternalData,
} from "./tensor-codec.ts";

export interface DecodeOptions {
  /** What to call the file in messages. */
  readonly name?: string;
  /** Opens a file beside the model that holds weights; asked only when they are read. */
  readonly externalData?: OpenExternalData;
}

/**
 * Reads an ONNX file. Weights inside it are views into `bytes`; external ones are read when they are
 * asked for. Nodes come out in an order in which they can be computed.
 * @throws VoxplainError `invalid-file` when it is none, `unsupported` for functions and sparse weights.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Model {
  try {
    return modelOfMessage(decodeMessage(onnxSchema, "Model", bytes), options);
  } catch (error) {
    if (!(error instanceof VoxplainError) || options.name === undefined) throw error;
    throw new VoxplainError(error.code, `${options.name}: ${error.message}`, { cause: error });
  }
}

function modelOfMessage(message: Message, options: DecodeOptions): Model {
  if (message.graph === undefined) {
    throw new VoxplainError("invalid-file", "this is no ONNX model: it holds no graph");
  }
  if (message.functions !== undefined) {
    throw new VoxplainError(
      "unsupported",
      "the model defines functions of its own; export it with them inlined",
    );
  }
  return {
    irVersion: numberOf(message.irVersion, 0),
    opsets: Object.fromEntries(
      list(message.opsetImport).map(({ domain, version }) => [textOf(domain), numberOf(version, 0)]),
    ),
    producerName: textOf(message.producerName),
    producerVersion: textOf(message.producerVersion),
    metadata: Object.fromEntries(
      list(message.metadata).map(({ key, value }) => [textOf(key), textOf(value)]),
    ),
    graph: graphOfMessage(message.graph as Message, options, new Set()),
  };
}

/** `outer`: names that a subgraph may use from the graphs around it. */
function graphOfMessage(message: Message, options: DecodeOptions, outer: ReadonlySet<string>): Graph {
  if (list(message.sparseInitializer).length > 0) {
    throw new VoxplainError("unsupported", "the model has sparse weights, which are not supported");
  }
  const initializers = new Map<string, Initializer>();
  for (const proto of list(message.initializer)) {
    const name = textOf(proto.name);
    if (initializers.has(name))
      throw new VoxplainError("invalid-file", `two weights have the name "${name}"`);
    initializers.set(name, decodeTensor(proto, options.externalData));
  }
  // Before IR 4, weights were listed among the inputs too.
  const inputs = list(message.input)
    .map(valueInfoOfMessage)
    .filter(({ name }) => !initializers.has(name));
  const known = new Set([...outer, ...initializers.keys(), ...inputs.map(({ name }) => name)]);
  const produced = new Set([...known, ...list(message.node).flatMap((node) => names(node.output))]);
  const nodes = list(message.node).map((node) => nodeOfMessage(node, options, produced));
  return {
    name: textOf(message.name),
    nodes: sortNodes(nodes, known),
    inputs,
    outputs: list(message.output).map(valueInfoOfMessage),
    initializers,
    valueInfo: list(message.valueInfo).map(valueInfoOfMessage),
  };
}

function nodeOfMessage(message: Message, options: DecodeOptions, outer: ReadonlySet<string>): Node {
  const domain = textOf(message.domain);
  const opType = textOf(message.opType);
  const outputs = names(message.output);
  return {
    name: textOf(message.name) || `${opType}(${outputs[0] ?? ""})`,
    opType,
    domain: domain === "ai.onnx" ? "" : domain,
    inputs: names(message.input),
    outputs,
    attributes: Object.fromEntries(
      list(message.attribute).map((attribute) => [
        textOf(attribute.name),
        attributeOfMessage(attribute, options, outer),
      ]),
    ),
  };
}

function attributeOfMessage(message: Message, options: DecodeOptions, outer: ReadonlySet<string>): Attribute {
  const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);
  switch (message.type) {
    case attributeTypes.float:
      return { float: numberOf(message.float, 0) };
    case attributeTypes.int:
      return { int: numberOf(message.int, 0) };
    case attributeTypes.string:
      return { string: text(message.string ?? new Uint8Array()) };
    case attributeTypes.floats:
      return { floats: (message.floats as readonly number[] | undefined) ?? [] };
    case attributeTypes.ints:
      return { ints: ((message.ints as readonly (number | bigint)[] | undefined) ?? []).map(Number) };
    case attributeTypes.strings:
      return { strings: ((message.strings as readonly Uint8Array[] | undefined) ?? []).map(text) };
    case attributeTypes.tensor: {
      const value = decodeTensor((message.tensor as Message | undefined) ?? {}, options.externalData);
      if (!isInMemory(value)) throw new VoxplainError("unsupported", "a constant lies in an external file");
      return { tensor: value };
    }
    case attributeTypes.graph:
      return { graph: graphOfMessage((message.graph as Message | undefined) ?? {}, options, outer) };
    case attributeTypes.graphs:
      return { graphs: list(message.graphs).map((graph) => graphOfMessage(graph, options, outer)) };
    default:
      throw new VoxplainError(
        "unsupported",
        `the attribute "${message.name}" has the unknown type ${message.type}`,
      );
  }
}

function valueInfoOfMessage(message: Message): ValueInfo {
  const name = textOf(message.name);
  const type = (message.type as Message | undefined)?.tensor as Message | undefined;
  if (type === undefined) throw new VoxplainError("unsupported", `the value "${name}" is no tensor`);
  const shape = type.shape as Message | undefined;
  return {
    name,
    dtype: dtypeOf(numberOf(type.elementType, 0), `the value "${name}"`),
    dims: shape && list(shape.dim).map(dimOfMessage),
  };
}

function dimOfMessage({ value, parameter }: Message): Dim {
  if (typeof value === "number" && value >= 0) return value;
  return typeof parameter === "string" && parameter !== "" ? parameter : null;
}

const list = (value: unknown) => (value as readonly Message[] | undefined) ?? [];
const names = (value: unknown) => (value as readonly string[] | undefined) ?? [];
const textOf = (value: unknown) => (value as string | undefined) ?? "";
const numberOf = (value: unknown, fallback: number) => (value === undefined ? fallback : Number(value));

export interface EncodeOptions {
  /** Where large weights go: a file beside the model (default, "weights.bin"), or "inline" into it. */
  readonly weights?: "inline" | { readonly location: string };
}

/** Weights from this size on go to the external file; shapes and axes must stay where ORT can see them. */
const externalBytes = 1024;
/** From this size on a weight starts on a page of its own, so that it can be mapped. ONNX external data spec. */
const pageBytes = 4096;
const largestProtobuf = 2 ** 31;

/**
 * Writes a model as a protobuf and a file of weights. Lazy weights of the external file are read
 * while it is written, piece by piece.
 * @throws VoxplainError `unsupported` when "inline" makes more than 2 GB.
 */
export async function encodeModel(model: Model, options: EncodeOptions = {}): Promise<ModelArtifact> {
  const weights = options.weights ?? { location: "weights.bin" };
  const inline = new Map<string, Message>();
  const external: Placed[] = [];
  let end = 0;
  for (const [name, value] of model.graph.initializers) {
    const byteLength = elementCount(value.dims) * bytesPerElement(value.dtype);
    if (weights === "inline" || byteLength < externalBytes) {
      inline.set(name, encodeTensor(name, isInMemory(value) ? value : await value.read()));
      if (weights === "inline") end += byteLength;
      continue;
    }
    const alignment = byteLength >= pageBytes ? pageBytes : 64;
    const offset = Math.ceil(end / alignment) * alignment;
    external.push({ name, value, offset, byteLength });
    end = offset + byteLength;
  }
  if (weights === "inline" && end >= largestProtobuf) {
    throw new VoxplainError("unsupported", "the weights take more than 2 GB: keep them in an external file");
  }
  const placed = new Map(external.map((place) => [place.name, place]));
  const location = weights === "inline" ? "" : weights.location;
  const graph = messageOfGraph(
    model.graph,
    (name) => inline.get(name) ?? externalMessage(placed.get(name)!, location),
  );
  const proto = encodeMessage(onnxSchema, "Model", {
    irVersion: model.irVersion,
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    graph,
    opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
    metadata: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  });
  return { proto, externalData: external.length === 0 ? [] : [externalFile(location, external, end)] };
}

interface Placed {
  readonly name: string;
  readonly value: Initializer;
  readonly offset: number;
  readonly byteLength: number;
}

function externalMessage({ name, value, offset, byteLength }: Placed, location: string): Message {
  const entries = { location, offset: String(offset), length: String(byteLength) };
  return {
    ...(value.dims.length > 0 && { dims: value.dims }),
    dataType: dataTypeNumber(value.dtype),
    name,
    externalData: Object.entries(entries).map(([key, entry]) => ({ key, value: entry })),
    dataLocation: 1,
  };
}

function externalFile(location: string, placed: readonly Placed[], byteLength: number): ExternalData {
  return {
    location,
    byteLength,
    async *chunks() {
      let at = 0;
      for (const { name, value, offset, byteLength: expected } of placed) {
        if (offset > at) yield new Uint8Array(offset - at);
        at = offset;
        if (isInMemory(value)) {
          const { buffer, byteOffset } = value.data;
          yield new Uint8Array(buffer, byteOffset, expected);
          at += expected;
          continue;
        }
        for await (const chunk of value.chunks()) {
          yield chunk;
          at += chunk.byteLength;
        }
        if (at !== offset + expected) {
          throw new VoxplainError(
            "invalid-file",
            `the weight ${name} gave ${at - offset} bytes instead of ${expected}`,
          );
        }
      }
    },
  };
}

function messageOfGraph(graph: Graph, initializer: (name: string) => Message): Message {
  return {
    node: graph.nodes.map(messageOfNode),
    name: graph.name,
    initializer: [...graph.initializers.keys()].map(initializer),
    input: graph.inputs.map(messageOfValueInfo),
    output: graph.outputs.map(messageOfValueInfo),
    valueInfo: graph.valueInfo.map(messageOfValueInfo),
  };
}

function messageOfNode(node: Node): Message {
  return {
    input: node.inputs,
    output: node.outputs,
    name: node.name,
    opType: node.opType,
    attribute: Object.entries(node.attributes).map(([name, attribute]) =>
      messageOfAttribute(name, attribute),
    ),
    ...(node.domain !== "" && { domain: node.domain }),
  };
}

function messageOfAttribute(name: string, attribute: Attribute): Message {
  const [kind, value] = Object.entries(attribute)[0] as [keyof typeof attributeTypes, unknown];
  const type = attributeTypes[kind];
  const bytes = (text: string) => new TextEncoder().encode(text);
  const subgraph = (graph: Graph) =>
    messageOfGraph(graph, (weight) => {
      const tensor = graph.initializers.get(weight)!;
      if (!isInMemory(tensor))
        throw new VoxplainError("unsupported", "a weight of a subgraph lies in an external file");
      return encodeTensor(weight, tensor);
    });
  if (kind === "string") return { name, string: bytes(value as string), type };
  if (kind === "strings") return { name, strings: (value as readonly string[]).map(bytes), type };
  if (kind === "tensor") return { name, tensor: encodeTensor("", value as never), type };
  if (kind === "graph") return { name, graph: subgraph(value as Graph), type };
  if (kind === "graphs") return { name, graphs: (value as readonly Graph[]).map(subgraph), type };
  return { name, [kind]: value as never, type };
}

function messageOfValueInfo({ name, dtype, dims }: ValueInfo): Message {
  const shape = dims && {
    dim: dims.map(
      (dim): Message => (typeof dim === "number" ? { value: dim } : dim === null ? {} : { parameter: dim }),
    ),
  };
  return { name, type: { tensor: { elementType: dataTypeNumber(dtype), ...(shape && { shape }) } } };
}
