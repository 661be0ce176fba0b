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
export type { StateDict } from "./checkpoints/bind-weights.ts";
export { buildNetwork } from "./checkpoints/build-network.ts";
export { parseCommandline } from "./folders/clinicadl-0/commandline.ts";
export type { FolderFacts, SurveyedFold } from "./folders/describe-folder.ts";
export { describeFolder } from "./folders/describe-folder.ts";
export type { Fold, FolderContent, ModelFolder, NetworkFiles, Selection } from "./folders/folder-content.ts";
export type { ClinicadlMaps } from "./folders/maps/clinicadl-maps.ts";
export { clinicadlMaps } from "./folders/maps/clinicadl-maps.ts";
export type { DataGroup } from "./folders/maps/data-groups.ts";
export type { SizedGroup } from "./folders/maps/group-sizes.ts";
export { sizedGroups } from "./folders/maps/group-sizes.ts";
export { defaultSelection, findSelection, openModelFolder } from "./folders/model-folder.ts";
export type { Program } from "./folders/program.ts";
export type { NetworkFacts, SurveyedNetwork, SurveyOptions } from "./folders/survey-folder.ts";
export { surveyFolder } from "./folders/survey-folder.ts";
export { votingPredictions } from "./folders/voting-predictions.ts";
export type { LoadOptions } from "./load-network.ts";
export { loadNetwork, reconstructionRefusal } from "./load-network.ts";
export { channelsFirst } from "./onnx/channels-first.ts";
export type { OnnxFacts, OnnxLayer, OnnxValue } from "./onnx/describe-onnx.ts";
export { describeOnnx } from "./onnx/describe-onnx.ts";
export type { ImageNetworkFile } from "./onnx/image-network.ts";
export { openImageNetwork } from "./onnx/image-network.ts";
export type { OnnxNetworkOptions } from "./onnx/onnx-network.ts";
export { onnxNetwork } from "./onnx/onnx-network.ts";
export type { OutputRegion, RegionMask } from "./onnx/output-region.ts";
export { expectedInputDims } from "./settings/expected-input.ts";
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
} from "./settings/settings.ts";
export type { TrainingOption, WrittenOption } from "./settings/training-options.ts";
export { trainingOptions, writtenOptions } from "./settings/training-options.ts";
export type { LoadedNetwork, TrainedNetwork } from "./trained-network.ts";
