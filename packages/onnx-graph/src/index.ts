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
 * @module @voxplain/onnx-graph
 */
export { channelAxes, channelAxisOf, channelAxisOfInput } from "./axis-roles.ts";
export { normalizesByBatch, spellBatchStatistics } from "./batch-statistics.ts";
export type { AttributeValue, AttributeValues, GraphBuilder, NodeOptions, OtherDomain } from "./builder.ts";
export {
  attribute,
  floatAttribute,
  graphBuilder,
  intAttribute,
  intsAttribute,
  modelOf,
  stringAttribute,
} from "./builder.ts";
export type { DecodeOptions } from "./decode-model.ts";
export { decodeModel } from "./decode-model.ts";
export type { Emitter } from "./emitter.ts";
export { reduce } from "./emitter.ts";
export type { EncodeOptions } from "./encode-model.ts";
export { encodeModel } from "./encode-model.ts";
export type { OpenExternalData } from "./external-data.ts";
export { externalDataFiles } from "./external-data-files.ts";
export { withFloat32Inputs } from "./float-input.ts";
export { float32Weight } from "./float32-weight.ts";
export { foldBatchNormalization } from "./fold-batch-normalization.ts";
export type { FoldOptions, InferredConstants } from "./fold-constants.ts";
export { foldConstants, inferConstants } from "./fold-constants.ts";
export type { BatchAxis } from "./free-batch/batch-axis.ts";
export { batchAxis } from "./free-batch/batch-axis.ts";
export { withBatchLengths } from "./free-batch/batch-lengths.ts";
export type { FreedBatch } from "./free-batch.ts";
export { withFreeBatch } from "./free-batch.ts";
export { checkInferenceOnly } from "./inference-only.ts";
export { inlineConstantIfs } from "./inline-if.ts";
export type { Attribute, Attributes, Dim, Graph, Initializer, Model, Node, ValueInfo } from "./model.ts";
export { isInMemory } from "./model.ts";
export type { Decision, Network } from "./network.ts";
export type { Scope } from "./node-order.ts";
export { sortNodes } from "./node-order.ts";
export { nodeInput, nodeOutput } from "./node-values.ts";
export type { OnnxFile } from "./open-file.ts";
export { openOnnxFile } from "./open-file.ts";
export type { ByOperator, OperatorName, OperatorNames, StandardNode } from "./operator-name.ts";
export { entryFor, forOperators, isIn } from "./operator-name.ts";
export { paddingZero } from "./padding-zero.ts";
export { readInitializer } from "./read-initializer.ts";
export { renamedNode } from "./rename-values.ts";
export { inferShapes } from "./shape-inference.ts";
export type { EinsumTerms } from "./shape-rules/einsum.ts";
export { einsumTerms } from "./shape-rules/einsum.ts";
export type { Window } from "./shape-rules/window.ts";
export { windowOf } from "./shape-rules/window.ts";
export { simplify, withoutDeadNodes } from "./simplify.ts";
export type { Standardized } from "./standardization.ts";
export { standardized } from "./standardization.ts";
export { toFloat32 } from "./to-float32.ts";
export { upgradeOpset } from "./upgrade-opset.ts";
export { validateGraph } from "./validate-graph.ts";
export { writeModel } from "./write-model.ts";
