/**
 * ONNX graphs rewritten in the form that a runtime computes fastest and most exactly.
 *
 * ```ts
 * import { lower } from "@voxplain/lowering";
 * import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
 *
 * const graph = graphBuilder("sum");
 * const x = graph.input("x", "float32", [4]);
 * graph.output(graph.add("Sum", [x, x, x], {}, { outputs: ["y"] }), "float32", [4]);
 * const lowered = lower(modelOf(graph.build()), { poolingGradient: "windows", convolution3d: "direct" });
 * await encodeModel(lowered); // Add(Add(x, x), x): WebGPU has no Sum
 * ```
 * @module @voxplain/lowering
 */
export type { AcceptBlock, LeadingBlocks } from "./leading-blocks.ts";
export { leadingBlocks } from "./leading-blocks.ts";
export { lower } from "./lower.ts";
export { type NetworkPass, type Opponent, suitsKernels } from "./suits-kernels.ts";
