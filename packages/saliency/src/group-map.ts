import { type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { addScaled, divided } from "./numerics/vectors.ts";

/** A mean over maps that come one by one. */
export interface GroupMean {
  /** Maps that were added. */
  readonly count: number;
  /** @throws VoxplainError `mismatch` when the map has another shape than those before. */
  add(map: Tensor<"float32">): void;
  /** The mean, in the shape of the maps. @throws VoxplainError `not-found` when no map was added. */
  mean(): Tensor<"float32">;
}

/**
 * Sums in float64 in the order in which maps are added, and rounds to float32 once, at the end. Its
 * memory is one float64 map, however many are added.
 */
export function groupMean(): GroupMean {
  let dims: readonly number[] = [];
  let sum = new Float64Array();
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(map) {
      if (count === 0) {
        dims = map.dims;
        // The engine's own loop: ours is slow until it is compiled, which takes long while others compute.
        sum = new Float64Array(map.data);
        count = 1;
        return;
      }
      if (dims.join() !== map.dims.join()) {
        throw new VoxplainError("mismatch", "maps of different shapes cannot be averaged", {
          expected: `[${dims.join(", ")}]`,
          found: `[${map.dims.join(", ")}]`,
        });
      }
      addScaled(sum, map.data, 0, 1);
      count++;
    },
    mean() {
      if (count === 0) throw new VoxplainError("not-found", "there is no map to average");
      return tensor("float32", dims, divided(sum, count));
    },
  };
}
