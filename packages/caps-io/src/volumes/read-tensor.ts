import {
  elementCount,
  errorAt,
  type FilePath,
  type FileSource,
  float32Values,
  isVoxplainError,
  VoxplainError,
} from "@voxplain/core";
import { openCheckpoint, rootTensor } from "@voxplain/torch-checkpoint";

/** A tensor file whose values are still on disk. */
export interface OpenedTensor {
  readonly dims: readonly number[];
  /** As float32; a view of the file's own bytes, where those are in memory. */
  read(): Promise<Float32Array>;
  /** Nobody else looks at what `read` gives. */
  readonly owned: boolean;
}

/** @throws VoxplainError `not-found` or `invalid-file` naming the file. */
export async function openTensor(source: FileSource, path: FilePath): Promise<OpenedTensor> {
  const file = `${source.name}/${path}`;
  const reader = await source.open(path);
  if (reader === undefined) throw new VoxplainError("not-found", "there is no such file", { file });
  const checkpoint = await openCheckpoint(reader, { name: file });
  const stored = naming(file, () => rootTensor(checkpoint));
  const { dims } = stored;
  // What is read from a disk is in memory of its own.
  return { dims, read: async () => float32Values(await stored.read()), owned: stored.stored !== undefined };
}

function naming<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw errorAt(error, { file });
  }
}

/** @throws VoxplainError `invalid-file` unless the tensor is [1, X, Y, Z] or [C, H, W]. */
export async function openImageTensor(source: FileSource, path: FilePath): Promise<OpenedTensor> {
  const opened = await openTensor(source, path);
  const { dims } = opened;
  const image = (dims.length === 4 && dims[0] === 1) || dims.length === 3;
  if (image && elementCount(dims) > 0) return opened;
  throw new VoxplainError("invalid-file", "the tensor does not have the shape of an image", {
    file: `${source.name}/${path}`,
    expected: "[1, X, Y, Z] or [C, H, W]",
    found: `[${dims.join(", ")}]`,
  });
}
