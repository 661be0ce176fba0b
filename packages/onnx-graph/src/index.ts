/**
 * ONNX models as plain data.
 * @module
 */
export type { AttributeValue, GraphBuilder, NodeOptions } from "./builder.ts";
export {
  attribute,
  floatAttribute,
  graphBuilder,
  intAttribute,
  intsAttribute,
  modelOf,
  stringAttribute,
} from "./builder.ts";
export type { Attribute, Attributes, Dim, Graph, Initializer, Model, Node, ValueInfo } from "./model.ts";
export { isInMemory } from "./model.ts";
