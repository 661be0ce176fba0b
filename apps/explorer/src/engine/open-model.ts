import type { PartSettings, Preprocessing } from "@voxplain/caps-io";
import type { Network } from "@voxplain/onnx-graph";
import type { VotingWeights } from "@voxplain/saliency";
import type { ExplorerModel, NetworkChoice } from "./engine.ts";
import type { InputShape } from "./loose-images.ts";

/** A network with what its file says of it. */
export interface LoadedNetwork extends Network {
  readonly architecture: string;
  readonly parameterCount: number;
}

/** How parts vote on the class of an image. */
export interface Voting {
  readonly weights: VotingWeights | "uniform";
  readonly warnings: readonly string[];
}

/** What is asked of an opened model, whatever kind of file it came from. */
export interface OpenModel {
  readonly description: Omit<ExplorerModel, "layers">;
  readonly settings: PartSettings;
  /** Of the images in a CAPS; undefined where any will do that fits. */
  readonly preprocessing: Preprocessing | undefined;
  readonly normalize: boolean;
  /** Of single files; undefined where they cannot be given to this model. */
  readonly inputShape: InputShape | undefined;
  /** How many networks see one part each; undefined where one network sees every part. */
  networkCount(choice: NetworkChoice | undefined): number | undefined;
  /** @throws VoxplainError where weights, architecture and input do not fit. */
  load(choice: NetworkChoice | undefined, inputDims: readonly number[], part: number): Promise<LoadedNetwork>;
  /** undefined of whole images. */
  voting(choice: NetworkChoice | undefined): Promise<Voting | undefined>;
}

export interface ModelOpening {
  readonly model: OpenModel;
  readonly problems: readonly string[];
}
