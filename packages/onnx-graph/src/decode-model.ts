import { errorAt, type Tensor, VoxplainError } from "@voxplain/core";
import { dtypeOf } from "./data-type.ts";
import { type ExternalFiles, externalFiles, type OpenExternalData } from "./external-data.ts";
import { versionsOf, withoutFunctions } from "./inline-functions.ts";
import { checkTypes } from "./mixed-types.ts";
import type { Attribute, Dim, Graph, Initializer, Model, Node, ValueInfo } from "./model.ts";
import type { Message } from "./protobuf.ts";
import { decodeMessage } from "./protobuf-reader.ts";
import { attributeTypes, onnxSchema } from "./schema.ts";
import { decodeConstant, decodeWeight } from "./tensor-codec.ts";
import { withTypes } from "./untyped-values.ts";
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
 * Functions of the file are inlined, and types that it leaves out inferred.
 * @throws VoxplainError `invalid-file` when it is none or damaged, `unsupported` when the graph needs
 * sparse weights, text or sequences, `unsafe-file` when it wants weights
 * from outside of its folder. That a file of weights is missing or too short shows when it is read.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Model {
  try {
    return modelOf(modelMessage(bytes), externalFiles(options.externalData));
  } catch (error) {
    throw error instanceof VoxplainError ? errorAt(error, { file: options.name }) : error;
  }
}

/** An ONNX file as it is written. @throws VoxplainError `invalid-file` when it is none or damaged. */
export function modelMessage(bytes: Uint8Array): Message {
  const message = decodeMessage(onnxSchema, "Model", bytes);
  if (message.graph !== undefined) return message;
  throw new VoxplainError("invalid-file", "this is not an ONNX model, or a truncated one: it holds no graph");
}

function modelOf(message: Message, external: ExternalFiles): Model {
  const irVersion = numberOf(message.irVersion);
  const opsets = Object.fromEntries(versionsOf(message));
  // Before IR 3 a file did not say it; everything was operator set 1.
  if (irVersion < 3) opsets[""] ??= 1;
  const untyped = new Set<ValueInfo>();
  const graph = graphOf(withoutFunctions(message), { external, opsets, untyped, constants: new Map() });
  const model: Model = {
    irVersion,
    opsets,
    producerName: textOf(message.producerName),
    producerVersion: textOf(message.producerVersion),
    metadata: Object.fromEntries(
      list(message.metadata).map(({ key, value }) => [textOf(key), textOf(value)]),
    ),
    graph: validateGraph(graph, opsets[""]),
  };
  checkTypes(model.graph);
  return untyped.size === 0 ? model : withTypes(model, untyped);
}

interface Surroundings {
  readonly external: ExternalFiles;
  readonly opsets: Readonly<Record<string, number>>;
  /** Outputs, and inputs of subgraphs, whose type the file leaves out; filled on the way. */
  readonly untyped: Set<ValueInfo>;
  /** Tensors of attributes that stand there already: a function may be called often. */
  readonly constants: Map<Message, Tensor>;
}

/** A subgraph may leave the types of its inputs and outputs to be inferred, and so may a graph those of its outputs. */
function graphOf(message: Message, surroundings: Surroundings, isInner = false): Graph {
  const inferable = (value: Message) => valueInfoOf(value, surroundings.untyped);
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
      .map((value) => (isInner ? inferable(value) : valueInfoOf(value))),
    outputs: list(message.output).map(inferable),
    initializers,
    // Inner values may be sequences or text in parts of a graph that a model never uses.
    valueInfo: list(message.valueInfo)
      .filter(isTensor)
      .map((value) => valueInfoOf(value)),
  };
}

function checkSparse(message: Message, nodes: readonly Node[]): void {
  const names = list(message.sparseInitializer).map(({ values }) => textOf((values as Message)?.name));
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const needed = names.find((name) => used.has(name));
  if (needed === undefined) return;
  throw new VoxplainError("unsupported", `the weight "${needed}" is sparse, which is not supported`, {
    hint: "save it as a dense one",
  });
}

function nodeOf(message: Message, surroundings: Surroundings): Node {
  const domain = message.domain === "ai.onnx" ? "" : textOf(message.domain);
  const opType = textOf(message.opType);
  const outputs = (message.output as readonly string[] | undefined) ?? [];
  const name = textOf(message.name) || `${opType}(${outputs.find((output) => output !== "") ?? ""})`;
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
      return { tensor: constantOf((message.tensor as Message) ?? {}, where, surroundings) };
    case "graph":
      return { graph: graphOf((message.graph as Message) ?? {}, surroundings, true) };
    case "graphs":
      return { graphs: list(message.graphs).map((graph) => graphOf(graph, surroundings, true)) };
    default:
      throw new VoxplainError(
        "unsupported",
        `the attribute ${where} has the ONNX attribute type ${message.type}, which is not supported`,
      );
  }
}

function constantOf(message: Message, where: string, { constants }: Surroundings): Tensor {
  const found = constants.get(message) ?? decodeConstant(message, where);
  constants.set(message, found);
  return found;
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

/** @param untyped gets a value that has no type; without it that is an error. */
function valueInfoOf(message: Message, untyped?: Set<ValueInfo>): ValueInfo {
  const name = textOf(message.name);
  const stated = (message.type as Message | undefined) ?? {};
  const type = stated.tensor as Message | undefined;
  const isOther = type === undefined && Object.keys(stated).length > 0;
  if (untyped !== undefined && !isOther && numberOf(type?.elementType) === 0) {
    const value: ValueInfo = { name, dtype: "float32", dims: undefined };
    untyped.add(value);
    return value;
  }
  if (type === undefined && !isOther) {
    throw new VoxplainError("invalid-file", `the file does not state the type of "${name}"`);
  }
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

const utf8 = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);
const list = (value: unknown) => (value as readonly Message[] | undefined) ?? [];
const textOf = (value: unknown) => (value as string | undefined) ?? "";
const numberOf = (value: unknown) => (value === undefined ? 0 : Number(value));
