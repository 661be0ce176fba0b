/**
 * ONNX models as plain data: read, write, build, infer shapes.
 *
 * ```ts
 * import { encodeModel, graphBuilder, inferShapes, modelOf } from "@voxplain/onnx-graph";
 *
 * const graph = graphBuilder("halves");
 * const x = graph.input("x", "float32", ["batch", 4]);
 * const y = graph.add("Mul", [x, graph.scalar(0.5)], {}, { outputs: ["y"] });
 * graph.output(y, "float32", ["batch", 4]);
 * const model = modelOf(graph.build());
 * inferShapes(model).get("y")?.dims; // ["batch", 4]
 * const { proto } = await encodeModel(model); // bytes of an .onnx file
 * ```
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
export type { DecodeOptions, EncodeOptions } from "./codec.ts";
export { decodeModel, encodeModel } from "./codec.ts";
export type { Attribute, Attributes, Dim, Graph, Initializer, Model, Node, ValueInfo } from "./model.ts";
export { isInMemory } from "./model.ts";
export { sortNodes } from "./node-order.ts";
export { inferShapes } from "./shape-inference.ts";
export type { Window } from "./shape-rules/spatial.ts";
export { windowOf } from "./shape-rules/spatial.ts";
export type { OpenExternalData } from "./tensor-codec.ts";
