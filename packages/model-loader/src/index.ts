/**
 * Trained-model folders in, ONNX graphs out.
 *
 * ```ts
 * import { directory } from "@voxplain/core/node";
 * import { loadNetwork, openModelFolder } from "@voxplain/model-loader";
 *
 * const folder = await openModelFolder(directory("sample/models/random_small"));
 * folder.folds[0]?.selections.map(({ name }) => name); // ["best_balanced_accuracy", "best_loss"]
 * const network = await loadNetwork(folder, 0, "best_loss", { inputDims: [1, 85, 104, 90] });
 * network.classCount; // 2
 * ```
 * @module @voxplain/model-loader
 */
export { architectures } from "./architectures/index.ts";
export type { StateDict } from "./bind-weights.ts";
export { buildNetwork } from "./build-network.ts";
export { channelsFirst } from "./channels-first.ts";
export type { ClinicadlMaps } from "./clinicadl-maps.ts";
export { clinicadlMaps } from "./clinicadl-maps.ts";
export { parseCommandline } from "./commandline.ts";
export type { DataGroup } from "./data-groups.ts";
export type { FolderFacts, SurveyedFold } from "./describe-folder.ts";
export { describeFolder } from "./describe-folder.ts";
export type { OnnxFacts, OnnxLayer, OnnxValue } from "./describe-onnx.ts";
export { describeOnnx } from "./describe-onnx.ts";
export { expectedInputDims } from "./expected-input.ts";
export type { Fold, FolderContent, ModelFolder, NetworkFiles, Selection } from "./folder-content.ts";
export type { SizedGroup } from "./group-sizes.ts";
export { sizedGroups } from "./group-sizes.ts";
export type { ImageNetworkFile } from "./image-network.ts";
export { openImageNetwork } from "./image-network.ts";
export type { LoadOptions } from "./load-network.ts";
export { loadNetwork, reconstructionRefusal } from "./load-network.ts";
export { defaultSelection, findSelection, openModelFolder } from "./model-folder.ts";
export type { OnnxNetworkOptions } from "./onnx-network.ts";
export { onnxNetwork } from "./onnx-network.ts";
export type { OutputRegion, RegionMask } from "./output-region.ts";
export type { Program } from "./program.ts";
export type {
  ArchitectureSettings,
  ConvolutionBlock,
  Generation,
  Mode,
  NetworkType,
  Normalization,
  ParsedSettings,
  RandomArchitectureSettings,
  SizeReduction,
  Task,
  TrainingSettings,
} from "./settings.ts";
export type { NetworkFacts, SurveyedNetwork, SurveyOptions } from "./survey-folder.ts";
export { surveyFolder } from "./survey-folder.ts";
export type { LoadedNetwork, TrainedNetwork } from "./trained-network.ts";
export type { TrainingOption, WrittenOption } from "./training-options.ts";
export { trainingOptions, writtenOptions } from "./training-options.ts";
export { votingPredictions } from "./voting-predictions.ts";
