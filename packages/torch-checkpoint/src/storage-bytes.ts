import { errorAt, isVoxplainError, type RangeReader, type StoredBytes } from "@voxplain/core";

/** The bytes of a storage, from 0. Where the container has a checksum, what is handed out has been verified. */
export interface StorageBytes {
  readonly byteLength: number;
  /** Where they begin in a file of this machine. */
  readonly stored?: StoredBytes | undefined;
  /** @throws VoxplainError `invalid-file` when the bytes are not those that were written. */
  read(start: number, length: number): Promise<Uint8Array>;
  /** The same in pieces; those of a whole storage are verified as they pass: the last comes after the verdict. */
  pieces(start: number, length: number, pieceLength: number): AsyncGenerator<Uint8Array>;
}

/** Where bytes are that a reader has at an offset; undefined where it reads no file of this machine. */
export function storedAt({ realPath }: RangeReader, offset: number): StoredBytes | undefined {
  return realPath && { realPath, offset };
}

/** Bytes of a file without checksums. */
export function plainBytes(reader: RangeReader, offset: number, byteLength: number): StorageBytes {
  const read = (start: number, length: number) => reader.read(offset + start, length);
  return {
    byteLength,
    stored: storedAt(reader, offset),
    read,
    async *pieces(start, length, pieceLength) {
      for (let done = 0; done < length; done += pieceLength) {
        yield await read(start + done, Math.min(pieceLength, length - done));
      }
    },
  };
}

/** The same bytes; what is found damaged while they are read names the file. */
export function namedBytes(bytes: StorageBytes, file: string): StorageBytes {
  const naming = (error: unknown): never => {
    if (!isVoxplainError(error, "invalid-file")) throw error;
    throw errorAt(error, { file });
  };
  return {
    byteLength: bytes.byteLength,
    stored: bytes.stored,
    read: (start, length) => bytes.read(start, length).catch(naming),
    async *pieces(start, length, pieceLength) {
      try {
        yield* bytes.pieces(start, length, pieceLength);
      } catch (error) {
        naming(error);
      }
    },
  };
}
