import type { Field, Schema } from "./protobuf.ts";

const varint = (name: string): Field => ({ name, type: "varint" });
const varints = (name: string): Field => ({ name, type: "varint", repeated: true });
const string = (name: string): Field => ({ name, type: "string" });
const message = (name: string, of: string): Field => ({ name, type: { message: of } });
const messages = (name: string, of: string): Field => ({ name, type: { message: of }, repeated: true });

/**
 * The messages of onnx.proto (ONNX 1.12 to 1.19), as far as they say something about inference.
 * Numbers of repeated fields are written one by one, as that file (proto2) has it.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export const onnxSchema: Schema = {
  Model: {
    1: varint("irVersion"),
    2: string("producerName"),
    3: string("producerVersion"),
    7: message("graph", "Graph"),
    8: messages("opsetImport", "OperatorSetId"),
    14: messages("metadata", "Entry"),
    25: messages("functions", "Function"),
  },
  OperatorSetId: { 1: string("domain"), 2: varint("version") },
  Entry: { 1: string("key"), 2: string("value") },
  Function: {
    1: string("name"),
    4: { name: "input", type: "string", repeated: true },
    5: { name: "output", type: "string", repeated: true },
    7: messages("node", "Node"),
    9: messages("opsetImport", "OperatorSetId"),
    10: string("domain"),
    11: messages("attributeDefaults", "Attribute"),
    13: string("overload"),
  },
  Graph: {
    1: messages("node", "Node"),
    2: string("name"),
    5: messages("initializer", "Tensor"),
    11: messages("input", "ValueInfo"),
    12: messages("output", "ValueInfo"),
    13: messages("valueInfo", "ValueInfo"),
    15: messages("sparseInitializer", "SparseTensor"),
  },
  Node: {
    1: { name: "input", type: "string", repeated: true },
    2: { name: "output", type: "string", repeated: true },
    3: string("name"),
    4: string("opType"),
    5: messages("attribute", "Attribute"),
    7: string("domain"),
    8: string("overload"),
  },
  Attribute: {
    1: string("name"),
    2: { name: "float", type: "float" },
    3: varint("int"),
    4: { name: "string", type: "bytes" },
    5: message("tensor", "Tensor"),
    6: message("graph", "Graph"),
    7: { name: "floats", type: "float", repeated: true },
    8: varints("ints"),
    9: { name: "strings", type: "bytes", repeated: true },
    11: messages("graphs", "Graph"),
    20: varint("type"),
    21: string("reference"),
  },
  Tensor: {
    1: varints("dims"),
    2: varint("dataType"),
    4: { name: "floatData", type: "float", repeated: true },
    5: varints("int32Data"),
    7: varints("int64Data"),
    8: string("name"),
    9: { name: "rawData", type: "bytes" },
    10: { name: "doubleData", type: "double", repeated: true },
    11: varints("uint64Data"),
    13: messages("externalData", "Entry"),
    14: varint("dataLocation"),
  },
  SparseTensor: { 1: message("values", "SparseValues") },
  SparseValues: { 8: string("name") },
  ValueInfo: { 1: string("name"), 2: message("type", "Type") },
  Type: {
    1: message("tensor", "TensorType"),
    4: { name: "sequence", type: "bytes" },
    5: { name: "map", type: "bytes" },
    8: { name: "sparse", type: "bytes" },
    9: { name: "optional", type: "bytes" },
  },
  TensorType: { 1: varint("elementType"), 2: message("shape", "Shape") },
  Shape: { 1: messages("dim", "Dimension") },
  Dimension: { 1: varint("value"), 2: string("parameter") },
};

/** AttributeProto.AttributeType, by the field that holds the value. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  graphs: 10,
} as const;
