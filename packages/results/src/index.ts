/**
 * The files that a job writes, as users of ClinicaDL know them: for the command, and for programs.
 *
 * ```ts
 * import { directory } from "@voxplain/core/node";
 * import { recordedFiles, writeTables } from "@voxplain/results";
 *
 * const files = recordedFiles(directory("results"));
 * await writeTables(files, { "metrics.tsv": { columns: ["auc"], rows: [{ auc: 0.9 }] } });
 * files.outputs[0]?.file; // "metrics.tsv"
 * ```
 * @module @voxplain/results
 */
export type { ChecksMaker } from "./checks/write-checks.ts";
export { checkedOf, checksMaker, writeChecks } from "./checks/write-checks.ts";
export type { AgreementFindingOptions } from "./findings/agreement.ts";
export { commonSessions, writeAgreement } from "./findings/agreement.ts";
export type { ComparisonModel, PlannedComparison } from "./findings/compare-sources.ts";
export { compareSources, comparisonFacts, planComparison } from "./findings/compare-sources.ts";
export { writeComparison } from "./findings/comparison.ts";
export { comparisonSummary } from "./findings/comparison-summary.ts";
export type { FindingFiles } from "./findings/finding-files.ts";
export { findingFiles } from "./findings/finding-files.ts";
export type { LocalizationFindingOptions } from "./findings/localization.ts";
export { writeLocalization } from "./findings/localization.ts";
export type { RegionOptions } from "./findings/regions.ts";
export { writeRegions } from "./findings/regions.ts";
export { imageName, refuseSameNames } from "./folders/image-names.ts";
export type { SessionFolders } from "./folders/session-folders.ts";
export { sessionFolders } from "./folders/session-folders.ts";
export type { ResultName } from "./folders/task-folder.ts";
export { checkTaskName, taskFolder } from "./folders/task-folder.ts";
export type {
  MapFileOptions,
  MapFiles,
  PictureChoice,
  SessionMapOptions,
  WrittenMaps,
} from "./maps/cohort-maps.ts";
export { individualMapFiles, writeGroupMaps } from "./maps/cohort-maps.ts";
export { strongestOfPale } from "./maps/strongest-of-pale.ts";
export type { SessionFiles, SummaryOptions } from "./maps/summary-pictures.ts";
export { writeSummaryPictures } from "./maps/summary-pictures.ts";
export type { ExplanationOptions } from "./maps/write-explanation.ts";
export { writeExplanation } from "./maps/write-explanation.ts";
export { loadPictures } from "./maps/write-map.ts";
export type { RecordedFiles } from "./records/recorded-files.ts";
export { recordedFiles } from "./records/recorded-files.ts";
export type { Stopwatch } from "./records/stopwatch.ts";
export { stopwatch } from "./records/stopwatch.ts";
export type { RecordedRuntime, ResultRecord } from "./records/write-records.ts";
export { writeRecords } from "./records/write-records.ts";
export type { ReadResults, ReportOptions } from "./report/read-report.ts";
export { readResults } from "./report/read-report.ts";
export type { FolderStoreOptions } from "./sessions/folder-store.ts";
export { folderStore } from "./sessions/folder-store.ts";
export type { RunLock, Worker } from "./sessions/run-lock.ts";
export { lockResult, sessionsFolder, workersOn } from "./sessions/run-lock.ts";
export { atlasAt, maskAt } from "./sources/label-files.ts";
export type { MapSet } from "./sources/map-set.ts";
export type { MapSource } from "./sources/map-source.ts";
export type { OpenMapSetOptions } from "./sources/open-map-set.ts";
export { openMapSet } from "./sources/open-map-set.ts";
export type { SourceOptions } from "./sources/open-source.ts";
export type { SourceMap } from "./sources/source-map.ts";
export { mapName } from "./sources/source-map.ts";
export { writeTables } from "./tables/write-tables.ts";
