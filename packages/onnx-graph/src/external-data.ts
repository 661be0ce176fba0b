import {
  type DType,
  fromBytes,
  joinPath,
  type LazyTensor,
  type RangeReader,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import type { Message } from "./protobuf.ts";

/** Opens a file beside the model; undefined where there is none. */
export type OpenExternalData = (
  location: string,
) => RangeReader | undefined | Promise<RangeReader | undefined>;

/** The files of weights that a model refers to, each opened once; undefined where there is none. */
export type ExternalFiles = (location: string) => Promise<RangeReader | undefined>;

export function externalFiles(open: OpenExternalData = () => undefined): ExternalFiles {
  const opened = new Map<string, Promise<RangeReader | undefined>>();
  return (location) => {
    const known = opened.get(location) ?? Promise.resolve(open(location));
    opened.set(location, known);
    return known;
  };
}

interface Weight {
  /** For messages. */
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly byteLength: number;
}

const chunkBytes = 4 * 2 ** 20;

/**
 * A weight stored in a file beside the model. It is read when asked for, and rejects then with
 * `not-found` where the file is missing and `invalid-file` where it is too short.
 * https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
 * @throws VoxplainError `unsafe-file` for a file outside of the model's folder.
 */
export function externalTensor(weight: Weight, proto: Message, files: ExternalFiles): LazyTensor {
  const { dtype, dims, byteLength } = weight;
  const { location, offset } = placeOf(weight, proto);
  const reader = () => openedFor(weight, location, offset, files);
  return {
    dtype,
    dims,
    read: async () =>
      tensor(dtype, dims, fromBytes(dtype, await (await reader()).read(offset, byteLength)) as never),
    async *chunks() {
      const source = await reader();
      for (let at = 0; at < byteLength; at += chunkBytes) {
        yield await source.read(offset + at, Math.min(chunkBytes, byteLength - at));
      }
    },
  };
}

async function openedFor(
  { name, byteLength }: Weight,
  location: string,
  offset: number,
  files: ExternalFiles,
): Promise<RangeReader> {
  const source = await files(location);
  if (source === undefined) {
    throw new VoxplainError("not-found", `the file with the data of ${name} is missing beside the model`, {
      file: location,
    });
  }
  if (offset + byteLength > source.byteLength) {
    throw new VoxplainError("invalid-file", `the data of ${name} end after the end of the file`, {
      file: location,
      expected: `${offset + byteLength} bytes or more`,
      found: String(source.byteLength),
    });
  }
  return source;
}

function placeOf({ name, byteLength }: Weight, proto: Message): { location: string; offset: number } {
  const entries = new Map(
    ((proto.externalData as readonly Message[] | undefined) ?? []).map(({ key, value }) => [key, value]),
  );
  const stated = String(entries.get("location") ?? "");
  const location = joinPath(stated);
  if (location === "" || /^[A-Za-z]:/.test(location)) {
    throw new VoxplainError(
      "unsafe-file",
      `the data of ${name} are in "${stated}", which is not a file beside the model`,
    );
  }
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? byteLength);
  if (!Number.isSafeInteger(offset + byteLength) || offset < 0 || length !== byteLength) {
    throw new VoxplainError(
      "invalid-file",
      `the place of ${name} in its file of weights does not fit its type and shape`,
      { file: location, expected: `${byteLength} bytes`, found: `${length} at ${offset}` },
    );
  }
  return { location, offset };
}
