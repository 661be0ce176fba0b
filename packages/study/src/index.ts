/**
 * One pipeline from a trained model and a cohort of images to saliency maps.
 *
 * ```ts
 * import { directory } from "@voxplain/core/node";
 * import { openModel } from "@voxplain/study";
 *
 * const model = await openModel(directory("sample/models/random_small"));
 * model.networks[0]; // { fold: 0, selection: "best_balanced_accuracy" }
 * ```
 * @module @voxplain/study
 */
export type { CheckRequest } from "./checks/choose-checks.ts";
export { checkNames } from "./checks/choose-checks.ts";
export type { ChosenRows, RowsQuery } from "./cohort/choose-rows.ts";
export { chooseRows } from "./cohort/choose-rows.ts";
export type { Cohort, SessionList } from "./cohort/cohort.ts";
export type { CollectedCohort } from "./cohort/collected-cohort.ts";
export type { GroupLists, GroupSessions } from "./cohort/group-lists.ts";
export { listSessions } from "./cohort/list-sessions.ts";
export type { ListedImages } from "./cohort/listed-images.ts";
export type { LooseFiles } from "./cohort/loose-files.ts";
export { withNumberedLabels } from "./cohort/numbered-labels.ts";
export type {
  ChosenSessions,
  CohortSource,
  LabelledCaps,
  ListedSessions,
  SeveralCaps,
} from "./cohort/open-cohort.ts";
export { openCohort } from "./cohort/open-cohort.ts";
export type { ImagesOptions, ImagesPlace } from "./cohort/open-images.ts";
export { openImages } from "./cohort/open-images.ts";
export { unopenedCohort } from "./cohort/unopened-cohort.ts";
export { openCapsFolder } from "./collection/caps-folders.ts";
export { collectImages } from "./collection/collect-images.ts";
export type {
  CollectedImage,
  CollectedImages,
  Collection,
  FoundImages,
  HeldSessions,
} from "./collection/collection.ts";
export { folderIn } from "./collection/folder-in.ts";
export type { ReadLists } from "./collection/label-lists.ts";
export { readLabelLists, sessionKey } from "./collection/label-lists.ts";
export type { RecognizedFiles } from "./collection/recognize-files.ts";
export { nothingRecognized, recognizeFiles } from "./collection/recognize-files.ts";
export type { RowTable, SessionResults, TablesMaker } from "./explain/cohort-tables.ts";
export { cohortTables, sessionTables, tablesMaker } from "./explain/cohort-tables.ts";
export type { CohortWarnings, WarnedMap } from "./explain/cohort-warnings.ts";
export { cohortWarnings, warnedMaps } from "./explain/cohort-warnings.ts";
export { explainCohort } from "./explain/explain-cohort.ts";
export type { ExplainedImage, PredictedImage } from "./explain/explained-image.ts";
export type { ExplainedPart, ImagePrediction, PredictedPart } from "./explain/explained-part.ts";
export type { JudgedModel, JudgedSession, MetricsMaker, MetricsRow } from "./explain/metrics-table.ts";
export { metricsMaker, metricsOf, metricsTable, positiveLabel } from "./explain/metrics-table.ts";
export type { NetworkSlot, OpenNetwork, SlotRequest } from "./explain/network-slot.ts";
export { networkSlot } from "./explain/network-slot.ts";
export { noneUsable } from "./explain/none-usable.ts";
export { predictCohort } from "./explain/predict-cohort.ts";
export type {
  PartPrediction,
  PredictionTable,
  SessionPrediction,
  TableOptions,
  TableRow,
} from "./explain/prediction-table.ts";
export {
  predictionTable,
  sessionPrediction,
} from "./explain/prediction-table.ts";
export type { Progress } from "./explain/progress.ts";
export type { RunOptions } from "./explain/run-task.ts";
export type { Block } from "./finished/blocks.ts";
export { blockLength, blocksOf, placesIn } from "./finished/blocks.ts";
export type {
  ComputedSession,
  Computer,
  FileStamp,
  FinishedSession,
  ReadFileRecord,
  SessionCheck,
  SkippedSession,
} from "./finished/finished-session.ts";
export { failureOf, skippedSession } from "./finished/finished-session.ts";
export type { FinishedSessions, FinishedState } from "./finished/finished-sessions.ts";
export { finishedSessions } from "./finished/finished-sessions.ts";
export type { KeptMemory } from "./finished/kept-file.ts";
export { fromJson, toJson } from "./finished/numbers-in-json.ts";
export type { SessionStore, StoreWrite } from "./finished/session-store.ts";
export { affineOfBox } from "./maps/affine-of-box.ts";
export type { AnatomySums } from "./maps/anatomy.ts";
export type { GroupCommon, GroupMap, GroupMaps, GroupMapsOptions, GroupSums } from "./maps/group-maps.ts";
export { groupMaps, sessionSums } from "./maps/group-maps.ts";
export type { DrawnMap, MapSums, MeanMaps } from "./maps/mean-maps.ts";
export { atIntensities } from "./maps/mean-maps.ts";
export { trainedLabels } from "./model/folder-labels.ts";
export { labelOf } from "./model/labels.ts";
export type {
  CapsPreparation,
  Model,
  ModelFact,
  ModelFacts,
  ModelInput,
  ModelLabels,
  NetworkChoice,
  NetworkQuery,
  NetworkRequest,
  Preparation,
  StepsPreparation,
  TrainingData,
} from "./model/model.ts";
export type { OnnxModelOptions } from "./model/onnx-file.ts";
export { type ModelOptions, openModel } from "./model/open-model.ts";
export { findNetworks } from "./plan/find-networks.ts";
export type { ImageGroup, PlannedGroup } from "./plan/image-group.ts";
export { plan } from "./plan/plan.ts";
export type {
  Plan,
  Request,
  SettledRequest,
  SettledTarget,
  Target,
  TargetRegion,
  Task,
  Voting,
} from "./plan/request.ts";
export type { ProblemList } from "./problems.ts";
export { problemList } from "./problems.ts";
