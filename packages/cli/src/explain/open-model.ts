import { VoxplainError } from "@voxplain/core";
import { channelsFirst } from "@voxplain/model-loader";
import { type OnnxFile, openOnnxFile } from "@voxplain/onnx-graph";
import { fileAt } from "@voxplain/study/node";

/** An ONNX file, and what is known of its input before an image is there. */
export interface OpenModel {
  /** With the channels in front. */
  readonly file: OnnxFile;
  readonly stored: OnnxFile;
  readonly path: string;
  /** Axes of one image with its channels: 4 of volumes, 3 of pictures. */
  readonly rank: number;
  /** null where the file leaves the length open. Without the batch axis: [C, …]. */
  readonly lengths: readonly (number | null)[];
  /** Whether the file itself takes [batch, …, C], as Keras exports. */
  readonly channelsLast: boolean;
}

/** The network of a file, with its channels in front. @throws VoxplainError when it cannot be read, or takes something else than images. */
export async function openModel(path: string): Promise<OpenModel> {
  const { source, below, path: absolute } = fileAt(path, "model");
  const stored = await openOnnxFile(source, below);
  const file = channelsFirst(stored);
  const [input] = file.model.graph.inputs;
  const dims = input?.dims;
  if (dims !== undefined && dims.length !== 4 && dims.length !== 5) {
    throw new VoxplainError(
      "unsupported",
      `${absolute} takes inputs of [${dims.map((dim) => dim ?? "?").join(", ")}]; ` +
        "networks of [batch, C, H, W] and [batch, C, X, Y, Z] can be explained",
    );
  }
  const lengths = (dims ?? []).slice(1).map((dim) => (typeof dim === "number" ? dim : null));
  return {
    file,
    stored,
    path: absolute,
    rank: dims === undefined ? 4 : dims.length - 1,
    lengths,
    channelsLast: file !== stored,
  };
}
