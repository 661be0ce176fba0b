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
export type { Cohort, SessionList } from "./cohort/cohort.ts";
export type { ExplainedImage, ExplainedPart, ImagePrediction } from "./explain/explained-image.ts";
export type {
  Model,
  ModelInput,
  NetworkChoice,
  NetworkQuery,
  NetworkRequest,
  Preparation,
  TrainingData,
} from "./model/model.ts";
export { openModel } from "./model/open-model.ts";
export type { Plan, Request, Target, Task, Voting } from "./plan/plan.ts";
