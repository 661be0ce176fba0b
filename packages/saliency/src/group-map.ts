import { type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { addScaled, addSum, divided } from "./numerics/vectors.ts";

/** A sum of maps, as data. */
export interface SummedMaps {
  /** Shape of each map. */
  readonly dims: readonly number[];
  /** Row-major; float32 where it is a single map. */
  readonly data: Float64Array | Float32Array;
  /** Maps that it is the sum of. */
  readonly count: number;
}

/** A mean over maps that come one by one. */
export interface GroupMean {
  /** Maps that were added. */
  readonly count: number;
  /** @throws VoxplainError `mismatch` when the map has another shape than those before. */
  add(map: Tensor<"float32">): void;
  /** Adds what another sum holds. @throws VoxplainError as `add`. */
  addSum(sum: SummedMaps): void;
  /** What was added so far: a view, which the next addition changes. @throws VoxplainError `not-found` when no map was added. */
  sum(): SummedMaps;
  /** Forgets what was added, and keeps the memory. */
  clear(): void;
  /** The mean, in the shape of the maps. @throws VoxplainError `not-found` when no map was added. */
  mean(): Tensor<"float32">;
}

/** Sums in float64 in the order in which maps are added, rounded to float32 once. Its memory is one map, however many are added. */
export function groupMean(): GroupMean {
  let dims: readonly number[] = [];
  let sum = new Float64Array();
  let count = 0;
  const addAll = (added: SummedMaps) => {
    if (count === 0) {
      dims = added.dims;
      // The engine's own loop: ours is slow until it is compiled, which takes long while others compute.
      if (sum.length === added.data.length) sum.set(added.data);
      else sum = new Float64Array(added.data);
      count = added.count;
      return;
    }
    if (dims.join() !== added.dims.join()) {
      throw new VoxplainError("mismatch", "maps of different shapes cannot be averaged", {
        expected: `[${dims.join(", ")}]`,
        found: `[${added.dims.join(", ")}]`,
      });
    }
    if (added.data instanceof Float32Array) addScaled(sum, added.data, 0, 1);
    else addSum(sum, added.data);
    count += added.count;
  };
  return {
    get count() {
      return count;
    },
    add: (map) => addAll({ dims: map.dims, data: map.data, count: 1 }),
    addSum: addAll,
    sum() {
      if (count === 0) throw noMap();
      return { dims, data: sum, count };
    },
    clear() {
      count = 0;
    },
    mean() {
      if (count === 0) throw noMap();
      return tensor("float32", dims, divided(sum, count));
    },
  };
}

function noMap(): VoxplainError {
  return new VoxplainError("not-found", "there is no map to average");
}
