import type { InputSpec, PartSettings, PreprocessingStep } from "@voxplain/caps-io";
import type { Preprocessing } from "@voxplain/core";
import type { Network } from "@voxplain/onnx-graph";
import type { VotingWeights } from "@voxplain/saliency";
import type { ExplanationRequest, ExplorerModel, NetworkChoice } from "./engine.ts";

/** A network with what its file says of it. */
export interface LoadedNetwork extends Network {
  readonly architecture: string;
  /** Of an output with a class for each voxel. */
  readonly outputGrid?: readonly number[];
  readonly parameterCount: number;
}

/** What is asked of an opened model, whatever kind of file it came from. */
export interface OpenModel {
  readonly description: Omit<ExplorerModel, "layers">;
  readonly settings: PartSettings;
  /** Of the images in a CAPS; undefined where any will do that fits. */
  readonly preprocessing: Preprocessing | undefined;
  readonly normalize: boolean;
  /** Of single files; undefined where they cannot be given to this model. */
  readonly inputSpec: InputSpec | undefined;
  /**
   * What is done to the values of single files.
   * @param asked - As `--preprocess` takes them.
   * @throws VoxplainError `invalid-argument` for what is no step.
   */
  stepsFor(asked: readonly string[] | undefined): {
    readonly steps: readonly PreprocessingStep[];
    /** Where they are not simply what was asked for. */
    readonly note?: string;
  };
  /** How many networks see one part each; undefined where one network sees every part. */
  networkCount(choice: NetworkChoice | undefined): number | undefined;
  /** @throws VoxplainError where weights, architecture and input do not fit. */
  load(
    request: Pick<ExplanationRequest, "network" | "region">,
    inputDims: readonly number[],
    part: number,
  ): Promise<LoadedNetwork>;
  /** From the predictions on the validation set; undefined of whole images. @throws VoxplainError where there are none. */
  voting(choice: NetworkChoice | undefined): Promise<VotingWeights | undefined>;
}

export interface ModelOpening {
  readonly model: OpenModel;
  readonly problems: readonly string[];
}
