/**
 * Paths of this machine as the sources that `@voxplain/study` opens.
 *
 * ```ts
 * import { openModel } from "@voxplain/study";
 * import { modelAt } from "@voxplain/study/node";
 *
 * const model = await openModel(modelAt("sample/models/random_small"));
 * model.parts.mode; // "image"
 * ```
 * @module @voxplain/study/node
 */
export { cohortAt } from "./cohort-at.ts";
export type { CohortPaths, PlacedCohort } from "./cohort-paths.ts";
export { changeOf, fileStamp } from "./file-stamps.ts";
export type { ImagesPath } from "./images-at.ts";
export { imagesAt } from "./images-at.ts";
export type { RecordedInput } from "./input-records.ts";
export { inputRecords } from "./input-records.ts";
export { masksAt } from "./masks-at.ts";
export type { ModelRecord, RecordedFile, RecordedModel } from "./model-record.ts";
export { modelRecord } from "./model-record.ts";
export type { Place } from "./places.ts";
export { capsAt, fileAt, labelsAt, modelAt } from "./places.ts";
export { sha256OfFile } from "./sha256-of-file.ts";
