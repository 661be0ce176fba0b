/**
 * Reverse-mode differentiation of ONNX graphs: a graph in, a graph with gradient outputs out.
 *
 * ```ts
 * import { graphBuilder, modelOf } from "@voxplain/onnx-graph";
 * import { differentiate } from "@voxplain/onnx-autodiff";
 *
 * const graph = graphBuilder("square");
 * const x = graph.input("x", "float32", ["batch", 4]);
 * graph.output(graph.add("Mul", [x, x], {}, { outputs: ["y"] }), "float32", ["batch", 4]);
 * const { model, cotangent, gradients } = differentiate(modelOf(graph.build()));
 * // model: x and cotangent:y in, y and gradient:x = 2·x·cotangent out
 * ```
 * @module @voxplain/onnx-autodiff
 */
export type { DifferentiatedModel, DifferentiateOptions } from "./differentiate.ts";
export { differentiate } from "./differentiate.ts";
export type { DifferentiateFileOptions } from "./differentiate-file.ts";
export { differentiateFile } from "./differentiate-file.ts";
export { checkNotQuantized } from "./quantized.ts";
export type { Cotangent, GradientRule, GradientRules, RuleContext } from "./rule.ts";
export { broadcasting, inputOf, none, unary } from "./rule.ts";
export { gradientRules } from "./rules/index.ts";
