/**
 * Reads CAPS folders, label TSVs, NIfTI images, pictures and tensor files.
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
 * @module @voxplain/caps-io
 */
export { readRegionNames } from "./atlases/region-names.ts";
export type { BidsFolderOptions } from "./bids/read-bids-folder.ts";
export { readBidsFolder } from "./bids/read-bids-folder.ts";
export { isCaps } from "./bids/recognize-folder.ts";
export type { ImagePaths } from "./caps/find-image.ts";
export { findImage } from "./caps/find-image.ts";
export { imagePaths } from "./caps/layout.ts";
export type { CohortLabels, CohortQuery, CohortTables } from "./cohorts/cohorts.ts";
export { readCohorts } from "./cohorts/cohorts.ts";
export { diagnosisClasses } from "./cohorts/diagnoses.ts";
export { readCapsTable, readGroupList } from "./cohorts/group-list.ts";
export type { LabelQuery, LabelTable, Session, UnlabelledQuery } from "./cohorts/labels.ts";
export {
  isTable,
  readLabelFile,
  readLabels,
  readTrainingLabels,
  readUnlabelled,
} from "./cohorts/labels.ts";
export type { PartPrediction } from "./cohorts/part-predictions.ts";
export { readPartPredictions } from "./cohorts/part-predictions.ts";
export type { FilePlace } from "./file-place.ts";
export type { MapPosition, Template } from "./grids/affine-of.ts";
export { affineOf, placedGrid, readTemplate } from "./grids/affine-of.ts";
export type { CohortGrids, CohortUse } from "./grids/check-cohort.ts";
export { checkCohort } from "./grids/check-cohort.ts";
export type { Companion, GridRelation, ImageGrid } from "./grids/compare-grids.ts";
export { checkCompanion, compareGrids, describeMisfit } from "./grids/compare-grids.ts";
export { readSessionGrids } from "./grids/read-session-grid.ts";
export { voxelSizeOf } from "./grids/voxel-size.ts";
export type { ChannelImage } from "./inputs/channels.ts";
export type { ChosenPreprocessing, StatedPreprocessing } from "./inputs/choose-preprocessing.ts";
export { choosePreprocessing } from "./inputs/choose-preprocessing.ts";
export type { GridFile, MaskFile } from "./inputs/grid-values.ts";
export { readGridFile, readMask } from "./inputs/grid-values.ts";
export type { InputSpec } from "./inputs/image-input.ts";
export { imageInput, inputDims, inputGrid } from "./inputs/image-input.ts";
export type {
  ChannelStep,
  PlainStep,
  PreprocessingStep,
  ResizeStep,
  ScaleStep,
} from "./inputs/preprocessing-steps.ts";
export { parsePreprocessing, stepText } from "./inputs/preprocessing-steps.ts";
export type { MapGeometry } from "./maps/map-file.ts";
export { decodeMap, readMapGeometry } from "./maps/map-file.ts";
export type { ListedMap, MapTable, MapTableOptions } from "./maps/map-table.ts";
export { readMapTable } from "./maps/map-table.ts";
export { notFetched } from "./not-fetched.ts";
export { countParts } from "./parts/count-parts.ts";
export type { FileLocatorOptions } from "./parts/file-locator.ts";
export { fileLocator } from "./parts/file-locator.ts";
export type { ImageGradientOptions } from "./parts/image-gradient.ts";
export { toImageGradient, toRawIntensities } from "./parts/image-gradient.ts";
export type { ImageInput, SessionFailure } from "./parts/image-input.ts";
export { isFailure } from "./parts/image-input.ts";
export type { LocateOptions } from "./parts/locate-options.ts";
export type { LocatedSessions } from "./parts/locate-sessions.ts";
export { locateSessions } from "./parts/locate-sessions.ts";
export type { LocatedImage } from "./parts/located-image.ts";
export type { LooseImageOptions } from "./parts/loose-image.ts";
export { looseImage } from "./parts/loose-image.ts";
export type { Part, PartInput, PartTransform } from "./parts/part.ts";
export type { SessionReadOptions } from "./parts/read-sessions.ts";
export { readSessions } from "./parts/read-sessions.ts";
export type { RegionBox, RegionShape } from "./parts/region-shape.ts";
export type {
  ImageSettings,
  PartSettings,
  PatchSettings,
  RoiSettings,
  SliceSettings,
} from "./parts/settings.ts";
export { partNouns } from "./parts/settings.ts";
export type { PictureKind } from "./pictures/decoded-picture.ts";
export { ahead } from "./read-ahead.ts";
export { readImageCohorts } from "./tables/image-cohorts.ts";
export type { ImageList, ListedImage } from "./tables/image-list.ts";
export type { ImageTableOptions } from "./tables/image-table.ts";
export { readImageTable } from "./tables/image-table.ts";
export type { Table, TableEncoding, TableRow } from "./tables/read-table.ts";
export { readTableColumns, readTableFile } from "./tables/read-table.ts";
export type { Extremes } from "./transforms/min-max.ts";
export { extremes, minMaxInPlace } from "./transforms/min-max.ts";
export type { Reduction, ReductionFactor } from "./transforms/size-reduction.ts";
export { reductionOf } from "./transforms/size-reduction.ts";
export type { ImageFile, ImageHeader } from "./volumes/image-file.ts";
export {
  imageEnding,
  isVolumeName,
  noImageName,
  readImageFile,
  readImageGrid,
  readImageHeader,
} from "./volumes/image-file.ts";
export type { NiftiImage } from "./volumes/nifti.ts";
export { readAffine, readNifti } from "./volumes/nifti.ts";
export { unknownPosition } from "./volumes/nifti-affine.ts";
export type { NiftiGeometry } from "./volumes/nifti-header.ts";
