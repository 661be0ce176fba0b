import { VoxplainError } from "@voxplain/core";
import { type GraphBuilder, graphBuilder } from "@voxplain/onnx-graph";

/** A value of the graph, with its dims without the batch axis: [C, X, Y, Z], [C, H, W] or [features]. */
export interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

/** Shapes of the state dict, as far as an architecture leaves them open. */
export type WeightShapes = ReadonlyMap<string, { readonly dims: readonly number[] }>;

/** What an architecture is written with: a graph, and the weights that it declares. */
export interface NetworkBuilder {
  readonly graph: GraphBuilder;
  /** How the network's input is called in messages: "1×169×208×179". */
  readonly inputSize: string;
  /** Dims of an input as the settings of the training state them; undefined where they do not. */
  readonly trainedDims: readonly number[] | undefined;
  /** Outputs of the last layer as the settings of the training state them; undefined where they do not. */
  readonly outputSize: number | undefined;
  /** Outputs of the last layer that are class logits; undefined for all of them. */
  readonly classOutputs: number | undefined;
  /** Declares a weight by its key in the state dict. Returns its name in the graph, the same. */
  weight(key: string, dims: readonly number[]): string;
  /** Declares a weight that the architecture has, but that is of no use at inference. */
  unusedWeight(key: string, dims: readonly number[]): void;
  /** Dims of a weight as the state dict has them, for sizes that the architecture leaves open. */
  given(key: string): readonly number[] | undefined;
}

export interface DeclaredWeight {
  readonly dims: readonly number[];
  readonly used: boolean;
}

export function networkBuilder(
  name: string,
  inputDims: readonly number[],
  given: WeightShapes,
  settings: Partial<Pick<NetworkBuilder, "trainedDims" | "outputSize" | "classOutputs">>,
): NetworkBuilder & { readonly declared: ReadonlyMap<string, DeclaredWeight> } {
  const declared = new Map<string, DeclaredWeight>();
  return {
    graph: graphBuilder(name),
    inputSize: sizeText(inputDims),
    trainedDims: settings.trainedDims,
    outputSize: settings.outputSize,
    classOutputs: settings.classOutputs,
    declared,
    weight(key, dims) {
      declared.set(key, { dims, used: true });
      return key;
    },
    unusedWeight(key, dims) {
      declared.set(key, { dims, used: false });
    },
    given: (key) => given.get(key)?.dims,
  };
}

/** [1, 169, 208, 179] as "1×169×208×179". */
export function sizeText(dims: readonly number[]): string {
  return dims.join("×");
}

/** @throws VoxplainError `mismatch` when a layer leaves nothing of an axis. */
export function requireRoom(network: NetworkBuilder, key: string, dims: readonly number[]): void {
  if (dims.every((length) => length >= 1)) return;
  throw new VoxplainError(
    "mismatch",
    `an input of ${network.inputSize} is too small for this network: nothing is left of it after ${key}`,
  );
}
