import { bytesPerElement, type ExternalData, elementCount, toBytes, VoxplainError } from "@voxplain/core";
import { dataTypeNumber } from "./data-type.ts";
import { type Initializer, isInMemory } from "./model.ts";
import type { Message } from "./protobuf.ts";

/** Weights that are laid one behind the other in a file beside the model. */
export interface WeightsFile {
  /** The TensorProto that refers to a weight's place. */
  refer(name: string): Message | undefined;
  /** undefined where there are no weights. */
  readonly content: ExternalData | undefined;
}

/** Where a weight is in a file. */
export interface WeightPlace {
  readonly value: Initializer;
  readonly offset: number;
  readonly byteLength: number;
}

/**
 * Large weights start on a page of memory, so that a runtime can map them.
 * https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
 */
const page = { alignment: 4096, from: 2 ** 20 };
const smallAlignment = 64;

export function bytesOf(value: Initializer): number {
  return elementCount(value.dims) * bytesPerElement(value.dtype);
}

export function weightsFile(location: string, weights: ReadonlyMap<string, Initializer>): WeightsFile {
  const places = new Map<string, WeightPlace>();
  let end = 0;
  for (const [name, value] of weights) {
    const byteLength = bytesOf(value);
    const alignment = byteLength >= page.from ? page.alignment : smallAlignment;
    const offset = Math.ceil(end / alignment) * alignment;
    places.set(name, { value, offset, byteLength });
    end = offset + byteLength;
  }
  return {
    refer(name) {
      const place = places.get(name);
      return place && referTo(name, place, location);
    },
    content: places.size === 0 ? undefined : { location, byteLength: end, chunks: () => chunksOf(places) },
  };
}

/** The TensorProto of a weight that is in another file. */
export function referTo(name: string, { value, offset, byteLength }: WeightPlace, location: string): Message {
  const entries = { location, offset: String(offset), length: String(byteLength) };
  return {
    dims: value.dims,
    dataType: dataTypeNumber(value.dtype),
    name,
    externalData: Object.entries(entries).map(([key, entry]) => ({ key, value: entry })),
    dataLocation: 1,
  };
}

async function* chunksOf(places: ReadonlyMap<string, WeightPlace>): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const [name, { value, offset, byteLength }] of places) {
    if (offset > at) yield new Uint8Array(offset - at);
    at = offset;
    for await (const chunk of isInMemory(value) ? [toBytes(value)] : value.chunks()) {
      at += chunk.byteLength;
      // What comes too much would shift every weight behind it.
      if (at > offset + byteLength) break;
      yield chunk;
    }
    if (at !== offset + byteLength) {
      const found = at > offset + byteLength ? "more" : String(at - offset);
      throw new VoxplainError(
        "invalid-file",
        `the weight "${name}" of shape [${value.dims.join(", ")}] gave data of another length`,
        { expected: `${byteLength} bytes`, found },
      );
    }
  }
}
