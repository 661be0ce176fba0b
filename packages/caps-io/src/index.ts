/**
 * Reads CAPS folders, label TSVs, NIfTI images and tensor files.
 *
 * ```ts
 * import { memoryFiles } from "@voxplain/core";
 * import { readLabels } from "@voxplain/caps-io";
 *
 * const files = memoryFiles();
 * await files.write("AD.tsv", new TextEncoder().encode("participant_id\tsession_id\nsub-01\tses-M00\n"));
 * const { sessions } = await readLabels(files, "", { diagnosis: "AD", baseline: false });
 * sessions[0]?.participantId; // "sub-01"
 * ```
 * @module
 */
export type { CapsImage } from "./caps-image.ts";
export { locateImage, locateImages } from "./caps-image.ts";
export { classOfDiagnosis, diagnosisClasses } from "./diagnoses.ts";
export type { LabelQuery, LabelTable, Session } from "./labels.ts";
export { readLabels, readTrainingLabels } from "./labels.ts";
export type { Preprocessing } from "./layout.ts";
export { checkPreprocessing, imagePaths, preprocessings } from "./layout.ts";
export { minMaxInPlace } from "./min-max.ts";
export type { NiftiImage } from "./nifti.ts";
export { readAffine, readNifti } from "./nifti.ts";
export type { NiftiGeometry } from "./nifti-header.ts";
export type { InputImage, ReadOptions } from "./read-image.ts";
export { readImage } from "./read-image.ts";
export type { ReadAheadOptions } from "./read-images.ts";
export { readImages } from "./read-images.ts";
