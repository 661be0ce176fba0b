import { nextTask } from "@voxplain/core";
import type { Result } from "./shown-map.ts";

/** A map that is not shown. Its voxels are where the browser keeps files: outside the memory of the page, on disk if need be. */
export interface ParkedResult {
  readonly packed: PackedResult;
  /** The map as it was, in new memory. */
  restore(): Promise<Result>;
}

/** A map as plain data, which a browser can keep for the next visit. */
export interface PackedResult {
  /** Without its voxels. */
  readonly empty: Result;
  /** Where its arrays are, in their order. */
  readonly places: readonly { readonly blob: Blob; readonly byteOffset: number; readonly length: number }[];
}

/** A map of the list, for whoever keeps it. */
export interface KeepableMap {
  /** Here, not in advance. */
  readonly isComputed: boolean;
  pack(): Promise<PackedResult>;
}

const none = new Float32Array();

/** Maps of one image share its anatomy, which is written once. */
const blobs = new WeakMap<ArrayBufferLike, Blob>();

/** Gives the page time to answer its user between the arrays: each takes a while. */
export async function packedResult(result: Result): Promise<PackedResult> {
  const buffers: ArrayBufferLike[] = [];
  withArrays(result, (data) => {
    buffers.push(data.buffer);
    return data;
  });
  for (const buffer of buffers) {
    blobOf(buffer);
    await nextTask();
  }
  const places: PackedResult["places"][number][] = [];
  const empty = withArrays(result, ({ buffer, byteOffset, length }) => {
    places.push({ blob: blobOf(buffer), byteOffset, length });
    return none;
  });
  return { empty, places };
}

function blobOf(buffer: ArrayBufferLike): Blob {
  const blob = blobs.get(buffer) ?? new Blob([buffer as ArrayBuffer]);
  blobs.set(buffer, blob);
  return blob;
}

export function parkedResult(packed: PackedResult): ParkedResult {
  const { empty, places } = packed;
  return {
    packed,
    async restore() {
      const distinct = [...new Set(places.map(({ blob }) => blob))];
      const read = distinct.map(async (blob) => [blob, await blob.arrayBuffer()] as const);
      const buffers = new Map(await Promise.all(read));
      const left = places.values();
      return withArrays(empty, () => {
        const { blob, byteOffset, length } = left.next().value!;
        return new Float32Array(buffers.get(blob)!, byteOffset, length);
      });
    },
  };
}

/** The same with other arrays, which are asked for in the same order each time. */
function withArrays(
  { drawn, explained, ...others }: Result,
  other: (data: Float32Array) => Float32Array,
): Result {
  const volume = <V extends { readonly data: Float32Array }>(of: V): V => ({ ...of, data: other(of.data) });
  return {
    ...others,
    drawn: { ...drawn, map: volume(drawn.map), anatomy: volume(drawn.anatomy) },
    explained: explained && {
      ...explained,
      explanation: {
        ...explained.explanation,
        map: volume(explained.explanation.map),
        anatomy: volume(explained.explanation.anatomy),
        stored: volume(explained.explanation.stored),
      },
    },
  };
}
