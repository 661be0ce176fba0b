import { type DType, type FilePath, type FileSource, VoxplainError } from "@voxplain/core";
import { type OnnxFile, openOnnxFile } from "@voxplain/onnx-graph";
import type { TrainedNetwork } from "../trained-network.ts";
import { channelsFirst } from "./channels-first.ts";
import { type OnnxNetworkOptions, onnxNetwork } from "./onnx-network.ts";

/** An ONNX file whose network takes images, and what is known of it before an image is there. */
export interface ImageNetworkFile {
  /** For messages: the file. */
  readonly name: string;
  /** The operator set that the file states. */
  readonly opset: number | undefined;
  /** Operators of the file's graph. */
  readonly nodeCount: number;
  /** [C, X, Y, Z] or [C, H, W] of one input, without the batch axis; null where the file leaves a length open. */
  readonly lengths: readonly (number | null)[];
  /** Whether the file itself takes [batch, …, C], as Keras exports. `network` takes its channels in front all the same. */
  readonly channelsLast: boolean;
  /** Element type of the input in the file; the network takes float32 with the same numbers. */
  readonly storedType: DType;
  /** The steps that the entry `voxplain.preprocess` of the file's metadata names: ["resize=96,96,96", "z-score"]. */
  readonly preprocessing?: readonly string[];
  /**
   * The network for images of one shape, its channels in front.
   * @throws VoxplainError as `onnxNetwork`.
   */
  network(options: OnnxNetworkOptions): TrainedNetwork;
}

/** The entry of `metadata_props` with the preprocessing, as `voxplain explain --preprocess` takes it. */
const preprocessingKey = "voxplain.preprocess";

/**
 * Opens an ONNX file for images: the one place that decides which files are networks of images. A file that does not state
 * the rank of its input is taken for one of volumes.
 * @throws VoxplainError as `openOnnxFile` and `channelsFirst`; `unsupported` where it takes something else than images.
 */
export async function openImageNetwork(source: FileSource, path: FilePath): Promise<ImageNetworkFile> {
  const stored = await openOnnxFile(source, path);
  const file = channelsFirst(stored);
  return { ...factsOf(stored, file), network: (options) => onnxNetwork(file, options) };
}

function factsOf(stored: OnnxFile, file: OnnxFile): Omit<ImageNetworkFile, "network"> {
  const [input] = file.model.graph.inputs;
  const [, ...lengths] = input?.dims ?? [null, null, null, null, null];
  if (lengths.length !== 3 && lengths.length !== 4) {
    throw new VoxplainError("unsupported", "the network does not take images", {
      file: file.name,
      expected: "an input of [batch, C, H, W] or [batch, C, X, Y, Z]",
      found: `[${(input?.dims ?? []).map((dim) => dim ?? "?").join(", ")}]`,
    });
  }
  const stated = file.model.metadata[preprocessingKey]?.trim();
  return {
    name: file.name,
    opset: stored.opset,
    nodeCount: stored.model.graph.nodes.length,
    lengths: lengths.map((dim) => (typeof dim === "number" ? dim : null)),
    channelsLast: file !== stored,
    storedType: (input && stored.storedTypes?.get(input.name)) ?? "float32",
    ...(stated !== undefined && { preprocessing: stated.split(/\s+/) }),
  };
}
