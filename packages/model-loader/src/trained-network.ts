import type { FilePath } from "@voxplain/core";
import type { Dim, Network } from "@voxplain/onnx-graph";

/** A trained network with its weights, ready to run or to be differentiated, from a checkpoint or an ONNX file. */
export interface TrainedNetwork extends Network {
  /** Its name, for people. */
  readonly architecture: string;
  /** Numbers that were learnt. */
  readonly parameterCount: number;
  /** What keeps images from sharing a batch: a sentence that names the node. Each goes through the network alone then. */
  readonly batchObstacle?: string;
  /** Where the output is a grid, such as a class for every voxel: that grid. The logits are means over it or over a region of it. */
  readonly meanOver?: readonly Dim[];
}

/** A network of a model folder, and where its weights are from. */
export interface LoadedNetwork extends TrainedNetwork {
  /** The file of its weights, in the folder. */
  readonly file: FilePath;
  /** The keys of the checkpoint that lead to its state dict, outermost first; none where that is all it holds. */
  readonly weightsKeys?: readonly string[];
  /** Epoch of the training after which it was saved. */
  readonly epoch?: number;
  /** Sentences: what is odd about its file. */
  readonly notes?: readonly string[];
}
