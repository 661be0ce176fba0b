/**
 * Attribution methods, predictions and group maps over any Voxplain runtime.
 *
 * ```ts
 * import { groupMean } from "@voxplain/saliency";
 *
 * const mean = groupMean();
 * mean.add({ dtype: "float32", dims: [2], data: Float32Array.of(1, 2) });
 * mean.add({ dtype: "float32", dims: [2], data: Float32Array.of(3, 6) });
 * mean.mean().data; // [2, 4]
 * ```
 * @module
 */
export type {
  Attribution,
  AttributionMethod,
  DifferentiableModel,
  Gradient,
  GradientOptions,
  Layer,
  Propagation,
} from "./attribution.ts";
export { parseMethodOption } from "./define-method.ts";
export type { Network } from "./differentiable-model.ts";
export { differentiableModel } from "./differentiable-model.ts";
export type { Explained, ExplainOptions } from "./explain.ts";
export { explain } from "./explain.ts";
export type { GroupMean } from "./group-map.ts";
export { groupMean } from "./group-map.ts";
export type {
  Cohort,
  LabelVolume,
  MethodEntry,
  MethodOption,
  MethodOptions,
  MethodOptionValue,
} from "./method-options.ts";
export { gradients } from "./methods/gradients.ts";
export type { MethodName } from "./methods/index.ts";
export { methods } from "./methods/index.ts";
export type { Prediction } from "./prediction.ts";
export { predict } from "./prediction.ts";
