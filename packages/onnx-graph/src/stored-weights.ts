import type { LazyTensor, StoredBytes, StoredWeights } from "@voxplain/core";
import { type Initializer, isInMemory } from "./model.ts";
import { bytesOf, type WeightPlace } from "./weights-file.ts";

/** Weights that stay in the file of this machine that they are in. */
export interface WeightsInPlace {
  readonly places: ReadonlyMap<string, WeightPlace>;
  /** Name of the file, without its folder. */
  readonly location: string;
  readonly weights: StoredWeights;
}

/** PyTorch starts every storage at a multiple of it; what computes reads no other addresses. */
const alignment = 64;

interface Stored {
  readonly value: LazyTensor;
  readonly place: WeightPlace;
}

/** The weights in the file that has most of them; undefined where none are in a file of this machine. */
export async function weightsInPlace(
  weights: ReadonlyMap<string, Initializer>,
): Promise<WeightsInPlace | undefined> {
  const files = new Map<string, Map<string, Stored>>();
  const paths = new Map<StoredBytes["realPath"], Promise<string>>();
  for (const [name, value] of weights) {
    if (isInMemory(value) || value.stored === undefined || value.stored.offset % alignment !== 0) continue;
    const { realPath, offset } = value.stored;
    const finding = paths.get(realPath) ?? realPath();
    paths.set(realPath, finding);
    const path = await finding;
    const found = files.get(path) ?? new Map<string, Stored>();
    files.set(path, found.set(name, { value, place: { value, offset, byteLength: bytesOf(value) } }));
  }
  const [most] = [...files].sort((a, b) => total(b[1]) - total(a[1]));
  if (most === undefined) return undefined;
  const [path, stored] = most;
  return {
    places: new Map([...stored].map(([name, { place }]) => [name, place])),
    location: path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1),
    weights: {
      path,
      async check(signal) {
        const inOrder = [...stored.values()].sort((a, b) => a.place.offset - b.place.offset);
        for (const { value } of inOrder) for await (const _ of value.chunks()) signal?.throwIfAborted();
      },
    },
  };
}

function total(stored: ReadonlyMap<string, Stored>): number {
  return [...stored.values()].reduce((sum, { place }) => sum + place.byteLength, 0);
}
