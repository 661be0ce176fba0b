/**
 * From saliency maps to findings: region tables, mean maps, comparison of groups with permutations and exact TFCE,
 * agreement between maps, localization against a known mask. Arrays in, tables and arrays out; no files, no networks.
 *
 * ```ts
 * import { falseDiscoveryRate, tfce } from "@voxplain/group-analysis";
 *
 * const t = [0, 1, 3, 2];
 * console.log(Array.from(tfce(t, [1, 1, 4], [0, 1, 2, 3]), (value) => value.toFixed(3)).join(" ")); // 0.000 0.577 10.211 3.877
 * console.log(falseDiscoveryRate([0.01, 0.04, null])); // [ 0.02, 0.04, null ]
 * ```
 * @module @voxplain/group-analysis
 */
export { type Agreement, type AgreementOptions, agreement } from "./agreement.ts";
export { type Cluster, type ClusterMap, type ClusterOptions, clusters } from "./clusters.ts";
export {
  type CompareOptions,
  type Comparison,
  type ComparisonMaps,
  compareMaps,
  type NullMaxima,
  onGrid,
  type TestedCluster,
} from "./compare.ts";
export {
  type Design,
  type DesignOptions,
  type DesignRow,
  design,
  type MapOfRow,
  type SessionRow,
} from "./design.ts";
export { falseDiscoveryRate } from "./false-discovery-rate.ts";
export { type Fit, fitMap } from "./fit.ts";
export { type Grid, sameGrid } from "./grid.ts";
export type { RowMemory } from "./kept-rows.ts";
export { type LabelImage, labelNumbers, resampleLabels, resampleMask } from "./labels.ts";
export type { Connectivity } from "./layout.ts";
export { type Localization, type LocalizationOptions, localization } from "./localization.ts";
export type { MatrixStore, ReadStore, StoredMatrix } from "./matrix-blocks.ts";
export { meanMap, type RunningMean, runningMean } from "./mean-map.ts";
export type { Model, Statistic } from "./model.ts";
export {
  type Alternative,
  type ColumnTest,
  type RelabellingPart,
  type RelabellingTask,
  startRelabellings,
} from "./null-distribution.ts";
export { type Region, type RegionAtlas, type RegionRow, regionAtlas, regionTable } from "./regions.ts";
export type { ColumnSums } from "./relabelled-statistics.ts";
export {
  countRelabellings,
  type Relabelling,
  type RelabellingClass,
  type Relabellings,
  relabellingAt,
  relabellings,
} from "./relabellings.ts";
export type { ComparedMaps, RegionValue, RowDataOptions } from "./row-data.ts";
export type { RowMatrix } from "./row-matrix.ts";
export type { Progress, RunOptions } from "./run-options.ts";
export { inThisThread, type RelabellingRunner, type StartRunner } from "./runners.ts";
export { smooth } from "./smooth.ts";
export type { TailFit } from "./tail.ts";
export type { Tails, TailTest } from "./tails.ts";
export type { TestedRegion } from "./tested-regions.ts";
export { type TfceExponents, type TfceOptions, tfce } from "./tfce.ts";
export { type Typicality, typicality } from "./typicality.ts";
export { type MapValues, type Normalization, type Preparation, prepareMap } from "./values.ts";
