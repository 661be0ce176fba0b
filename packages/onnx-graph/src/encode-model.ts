import { joinPath, type ModelArtifact, VoxplainError } from "@voxplain/core";
import { dataTypeNumber } from "./data-type.ts";
import type { Attribute, Graph, Initializer, Model, Node, ValueInfo } from "./model.ts";
import type { Message } from "./protobuf.ts";
import { encodeMessage } from "./protobuf-writer.ts";
import { readInitializer } from "./read-initializer.ts";
import { attributeTypes, onnxSchema } from "./schema.ts";
import { type WeightsInPlace, weightsInPlace } from "./stored-weights.ts";
import { encodeTensor } from "./tensor-codec.ts";
import { validateGraph } from "./validate-graph.ts";
import { bytesOf, referTo, weightsFile } from "./weights-file.ts";

/** Where weights go. */
export interface EncodeOptions {
  /**
   * Weights of at least `threshold` bytes (default 1024) go to a file beside the model (default
   * "weights.bin"); smaller ones stay in the protobuf, where a runtime can see shapes and axes.
   * "inline" keeps all in the protobuf.
   */
  readonly externalData?:
    | {
        /** Name of the file beside the model. */
        readonly location: string;
        /** In bytes. */
        readonly threshold?: number;
      }
    | "inline";
  /**
   * Leaves weights of `threshold` bytes and more where they are, in the file of this machine that has most of them
   * (`ModelArtifact.stored`); the others go into the protobuf then, unless they are large. Default: false.
   */
  readonly stored?: boolean;
}

const defaultThreshold = 1024;
/** Protobuf's own limit. */
const largestProtobuf = 2 ** 31 - 1;

/**
 * Writes a model as a protobuf and a file of weights. Lazy weights are read while that file is
 * written, piece by piece; the artifact is good as long as they can be read.
 * @throws VoxplainError `invalid-file` for a graph whose names do not fit together, `unsupported`
 * when the protobuf would exceed 2 GB.
 */
export async function encodeModel(model: Model, options: EncodeOptions = {}): Promise<ModelArtifact> {
  const graph = validateGraph(model.graph);
  const external = options.externalData ?? { location: "weights.bin" };
  const threshold =
    external === "inline" ? Number.POSITIVE_INFINITY : (external.threshold ?? defaultThreshold);
  const location = external === "inline" ? "" : joinPath(external.location);
  const large = new Map([...graph.initializers].filter(([, value]) => bytesOf(value) >= threshold));
  const inPlace = options.stored === true ? await mostInPlace(large) : undefined;
  const file = weightsFile(location, inPlace ? new Map() : large);
  const refer = (name: string) => {
    const place = inPlace?.places.get(name);
    return inPlace && place ? referTo(name, place, inPlace.location) : file.refer(name);
  };
  const outside = inPlace?.places ?? large;
  checkSize(sizeOf([...graph.initializers].filter(([name]) => !outside.has(name))));
  const proto = encodeMessage(onnxSchema, "Model", {
    // Before IR 4, weights had to be listed among the inputs too, which ours are not.
    irVersion: Math.max(model.irVersion, 4),
    ...text("producerName", model.producerName),
    ...text("producerVersion", model.producerVersion),
    graph: await messageOfGraph(graph, refer),
    opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
    metadata: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  });
  checkSize(proto.byteLength);
  return {
    proto,
    externalData: file.content === undefined ? [] : [file.content],
    ...(inPlace && { stored: inPlace.weights }),
  };
}

/** More than this is not put into a protobuf, of which several copies are in memory while it is opened. */
const mostBeside = 2 ** 25;

/** Weights that stay where they are; undefined where too many others would go into the protobuf. */
async function mostInPlace(large: ReadonlyMap<string, Initializer>): Promise<WeightsInPlace | undefined> {
  const found = await weightsInPlace(large);
  const others = [...large].filter(([name]) => !found?.places.has(name));
  return sizeOf(others) <= mostBeside ? found : undefined;
}

function sizeOf(initializers: readonly (readonly [string, Initializer])[]): number {
  return initializers.reduce((sum, [, value]) => sum + bytesOf(value), 0);
}

function checkSize(byteLength: number): void {
  if (byteLength <= largestProtobuf) return;
  throw new VoxplainError("unsupported", "the model is too large for one ONNX file", {
    expected: "2 GB at most",
    found: `${byteLength} bytes`,
    hint: "put its weights in an external file",
  });
}

/** Subgraphs keep their weights with them: those are small, and ONNX Runtime wants them so. */
async function messageOfGraph(
  graph: Graph,
  refer: (name: string) => Message | undefined = () => undefined,
): Promise<Message> {
  const initializer: Message[] = [];
  for (const [name, value] of graph.initializers) {
    initializer.push(refer(name) ?? encodeTensor(name, await readInitializer(value)));
  }
  const node: Message[] = [];
  for (const each of graph.nodes) node.push(await messageOfNode(each));
  return {
    node,
    name: graph.name,
    initializer,
    input: graph.inputs.map(messageOfValueInfo),
    output: graph.outputs.map(messageOfValueInfo),
    valueInfo: graph.valueInfo.map(messageOfValueInfo),
  };
}

async function messageOfNode(node: Node): Promise<Message> {
  const attribute: Message[] = [];
  for (const [name, value] of Object.entries(node.attributes)) {
    attribute.push(await messageOfAttribute(name, value));
  }
  return {
    input: node.inputs,
    output: node.outputs,
    ...text("name", node.name),
    opType: node.opType,
    attribute,
    ...text("domain", node.domain),
  };
}

async function messageOfAttribute(name: string, attribute: Attribute): Promise<Message> {
  const kind = Object.keys(attribute)[0] as keyof typeof attributeTypes;
  const type = attributeTypes[kind];
  const bytes = (value: string) => new TextEncoder().encode(value);
  if ("string" in attribute) return { name, string: bytes(attribute.string), type };
  if ("strings" in attribute) return { name, strings: attribute.strings.map(bytes), type };
  if ("tensor" in attribute) return { name, tensor: encodeTensor("", attribute.tensor), type };
  if ("graph" in attribute) return { name, graph: await messageOfGraph(attribute.graph), type };
  if ("graphs" in attribute) {
    return { name, graphs: await Promise.all(attribute.graphs.map((graph) => messageOfGraph(graph))), type };
  }
  return { name, ...attribute, type };
}

function messageOfValueInfo({ name, dtype, dims }: ValueInfo): Message {
  const shape = dims && {
    dim: dims.map(
      (dim): Message => (typeof dim === "number" ? { value: dim } : dim === null ? {} : { parameter: dim }),
    ),
  };
  return { name, type: { tensor: { elementType: dataTypeNumber(dtype), ...(shape && { shape }) } } };
}

/** Empty text is left out, as other writers do. */
function text(field: string, value: string): Message {
  return value === "" ? {} : { [field]: value };
}
