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
 * @module @voxplain/saliency
 */
export type {
  Attribution,
  AttributionMethod,
  DeadGradient,
  DifferentiableModel,
  ForwardOptions,
  Gradient,
  GradientOptions,
  GradientRay,
  Layer,
  PassOptions,
  Propagation,
  Refinement,
  RelevanceOfBlocks,
  RelevanceThroughBlocks,
} from "./attribution.ts";
export type { Baseline } from "./baseline.ts";
export { checkLayers } from "./check-layer.ts";
export type { CheckCurve, CheckResult, CheckRow } from "./checks/check-result.ts";
export { completeness } from "./checks/completeness.ts";
export type { DeletionInsertionOptions } from "./checks/deletion-insertion.ts";
export { deletionAndInsertion, deletionAndInsertionPasses } from "./checks/deletion-insertion.ts";
export type { InfidelityOptions } from "./checks/infidelity.ts";
export { infidelity, infidelityPasses } from "./checks/infidelity.ts";
export type { MaxSensitivityOptions } from "./checks/max-sensitivity.ts";
export { maxSensitivity, maxSensitivityPasses } from "./checks/max-sensitivity.ts";
export type { ParameterRandomizationOptions } from "./checks/parameter-randomization.ts";
export { parameterRandomization, parameterRandomizationPasses } from "./checks/parameter-randomization.ts";
export type { ChosenMethod, MethodNeeds, OptionRecord } from "./chosen-method.ts";
export type { ChunkOptions } from "./chunks.ts";
export type { ClassificationMetrics, JudgedPrediction } from "./classification-metrics.ts";
export { classificationMetrics } from "./classification-metrics.ts";
export type { MethodSources, OptionTexts } from "./create-method.ts";
export { createMethod, methodEntries } from "./create-method.ts";
export { differentiableModel } from "./differentiable-model.ts";
export { checkDifferentiable, withForwardMethods } from "./differentiate-for.ts";
export type { Explained, ExplainOptions } from "./explain.ts";
export { explain } from "./explain.ts";
export type { GreyMean, SummedGreys } from "./grey-mean.ts";
export { greyMean, toGreys } from "./grey-mean.ts";
export type { GroupMean, SummedMaps } from "./group-map.ts";
export { groupMean } from "./group-map.ts";
export type { BatchItem, BatchOptions } from "./in-batches.ts";
export { isSmallInput, shapeMisfit } from "./input-shape.ts";
export type { CreateArguments, MethodEntry } from "./method-entry.ts";
export type {
  Cohort,
  GivenOptions,
  LabelVolume,
  MethodOption,
  MethodOptions,
  MethodOptionValue,
  OptionKind,
} from "./method-options.ts";
export { defaultText, snakeCase, writtenOptions } from "./method-options.ts";
export type { ClassActivationMapOptions } from "./methods/class-activation-map.ts";
export * from "./methods/index.ts";
export { multiply } from "./methods/multiply.ts";
export type { NoiseOptions } from "./methods/noise.ts";
export type { WindowOptions } from "./methods/windows.ts";
export type { QuadratureRule } from "./numerics/quadrature.ts";
export { parseMethodOption } from "./option-value.ts";
export type { Passes } from "./passes.ts";
export type { Predicted } from "./predict-each.ts";
export { predictEach } from "./predict-each.ts";
export type { Prediction } from "./prediction.ts";
export { predict } from "./prediction.ts";
export type { LrpComposite, LrpCompositeName } from "./propagation/lrp-composites.ts";
export type { Bound, LrpRule } from "./propagation/lrp-rules.ts";
export type { RecomposedSum, Recomposition } from "./recomposition.ts";
export { recomposition } from "./recomposition.ts";
export { refinementWarning } from "./refinement.ts";
export type { RegionAttributionOptions } from "./region-attribution.ts";
export type { Regions } from "./regions.ts";
export type { JudgedNumber, RegressionMetrics } from "./regression-metrics.ts";
export { regressionMetrics } from "./regression-metrics.ts";
export type { Score } from "./score.ts";
export type { SelfTest } from "./self-test/self-test.ts";
export { selfTest } from "./self-test/self-test.ts";
export type { Vote, VotingOptions, VotingWeights } from "./soft-voting.ts";
export { softVote, uniformWeights, votingWeights } from "./soft-voting.ts";
export type { MapWarning } from "./warnings/map-warning.ts";
export { warningCode } from "./warnings/map-warning.ts";
export type { RunWarnings } from "./warnings/run-warnings.ts";
export { runWarnings } from "./warnings/run-warnings.ts";
export type { WatchOptions } from "./watched-model.ts";
export { watchedModel } from "./watched-model.ts";
