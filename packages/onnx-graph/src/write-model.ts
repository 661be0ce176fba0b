import { type FilePath, type FileSink, joinPath } from "@voxplain/core";
import { encodeModel } from "./encode-model.ts";
import type { Model } from "./model.ts";
import { bytesOf } from "./weights-file.ts";

/** Half of what a protobuf can hold. */
const mostInside = 2 ** 30;

/**
 * Writes a model as an ONNX file. From 1 GiB of weights on they are in a second file beside it, which is
 * written first, piece by piece; the ONNX file is there when all of it is.
 * @param path - The ONNX file, below the sink.
 * @param weightsFile - The name of the second file; default: `<name>.data`.
 * @throws VoxplainError as `encodeModel`, `io-failure` where a file cannot be written.
 */
export async function writeModel(
  sink: FileSink,
  path: FilePath,
  model: Model,
  weightsFile?: string,
): Promise<void> {
  const weights = [...model.graph.initializers.values()];
  const byteLength = weights.reduce((sum, weight) => sum + bytesOf(weight), 0);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const location = weightsFile ?? `${path.slice(folder.length)}.data`;
  const { proto, externalData } = await encodeModel(model, {
    externalData: byteLength < mostInside ? "inline" : { location },
  });
  for (const data of externalData) await sink.write(joinPath(folder, data.location), data.chunks());
  await sink.write(path, proto);
}
