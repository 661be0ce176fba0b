import { elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";

/**
 * A map [N, C, …] or [N, 1, …] shaped like the input [N, C, …].
 * @throws VoxplainError `mismatch` for another grid.
 */
export function repeatChannels(map: Tensor<"float32">, dims: readonly number[]): Tensor<"float32"> {
  if (map.dims.join() === dims.join()) return map;
  const [count = 0, channels = 0, ...spatial] = dims;
  if (map.dims.join() !== [count, 1, ...spatial].join()) {
    throw new VoxplainError("mismatch", "the map does not fit the input", {
      expected: `[${dims.join(", ")}], or one channel`,
      found: `[${map.dims.join(", ")}]`,
    });
  }
  const size = elementCount(spatial);
  const data = new Float32Array(count * channels * size);
  for (let plane = 0; plane < count * channels; plane++) {
    const n = Math.floor(plane / channels);
    data.set(map.data.subarray(n * size, (n + 1) * size), plane * size);
  }
  return tensor("float32", dims, data);
}
