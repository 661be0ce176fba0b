/**
 * Trained-model folders in, ONNX graphs out.
 *
 * ```ts
 * import { architectures } from "@voxplain/model-loader";
 *
 * Object.keys(architectures); // ["Conv4_FC3", "Conv5_FC3", …]
 * ```
 * @module
 */
export type { Architecture } from "./architectures/architecture.ts";
export { architectures } from "./architectures/index.ts";
export type { BuildOptions, BuiltNetwork } from "./build-network.ts";
export { buildNetwork } from "./build-network.ts";
export type { RandomArchitecture, RandomBlock, TrainingSettings } from "./commandline.ts";
export { parseCommandLine } from "./commandline.ts";
export type { Feature, Layers } from "./layers.ts";
export type { TrainedModel } from "./load-network.ts";
export { expectedInputDims, loadNetwork } from "./load-network.ts";
export type { Fold, ModelFolder, Selection } from "./model-folder.ts";
export { findSelection, openModelFolder } from "./model-folder.ts";
