/**
 * Findings without Node: maps of jobs and tables to tables of regions and comparisons of groups, in a page or a Web Worker, with the
 * files and sentences of the command.
 *
 * ```ts
 * import { identityAffine, memoryFiles } from "@voxplain/core";
 * import { findingFiles, mapSetOf, mapSource, readAtlas, writeRegions } from "@voxplain/results/findings";
 * import { encodeNifti } from "@voxplain/writers";
 *
 * const affine = [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]] as const;
 * const source = memoryFiles();
 * await source.write("map.nii", encodeNifti({ data: Float32Array.of(0, 1, 2, 5), shape: [1, 2, 2], affine }));
 * await source.write("atlas.nii", encodeNifti({ data: Uint8Array.of(0, 1, 1, 2), shape: [1, 2, 2], affine }));
 * const maps = [{ participant: "sub-01", session: "", place: { source, below: "map.nii" }, cells: {} }];
 * const content = { columns: ["participant_id"], maps };
 * const set = await mapSetOf([mapSource(content, { text: "map", path: "map", kind: "table", value: undefined })]);
 * const atlas = await readAtlas({ source, below: "atlas.nii" }, undefined, set);
 * const files = findingFiles(source, set, async (bytes) => bytes);
 * await writeRegions(files, set, { atlas, warn: console.warn });
 * ```
 * @module @voxplain/results/findings
 */
export type { ComparisonModel, PlannedComparison } from "./findings/compare-sources.ts";
export { compareSources, comparisonFacts, planComparison } from "./findings/compare-sources.ts";
export { writeComparison } from "./findings/comparison.ts";
export { comparisonSummary } from "./findings/comparison-summary.ts";
export type { FindingFiles } from "./findings/finding-files.ts";
export { findingFiles } from "./findings/finding-files.ts";
export type { RegionOptions } from "./findings/regions.ts";
export { writeRegions } from "./findings/regions.ts";
export type { SessionFolders } from "./folders/session-folders.ts";
export { sessionFolders } from "./folders/session-folders.ts";
export type { JobMaps } from "./sources/job-maps.ts";
export { readJobMaps } from "./sources/job-maps.ts";
export { readAtlas, readMaskImage } from "./sources/label-images.ts";
export type { MapSet, MapSetOptions } from "./sources/map-set.ts";
export { mapSetOf } from "./sources/map-set.ts";
export type { MapSource, SourceContent, WantedMaps } from "./sources/map-source.ts";
export { mapSource } from "./sources/map-source.ts";
export type { SourceMap } from "./sources/source-map.ts";
