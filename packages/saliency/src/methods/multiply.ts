import { elementAt, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { joinRefinements } from "../refinement.ts";

/**
 * The product of two methods' maps, voxel by voxel; a map with one channel is repeated for each channel of the other.
 * Guided Grad-CAM is `multiply(gradCam(), guidedBackpropagation)`: Selvaraju et al. 2017, arXiv:1610.02391.
 * @throws VoxplainError `mismatch` when the maps have different grids or channels.
 */
export function multiply(first: AttributionMethod, second: AttributionMethod): AttributionMethod {
  return async (model, input, target) => {
    // One after the other: together they would take the memory of both.
    const { map: a, logits, refinement } = await first(model, input, target);
    const { map: b, refinement: other } = await second(model, input, target);
    const both = (refinement ?? other)?.map((_, n) => joinRefinements(refinement?.[n], other?.[n])!);
    return { map: product(a, b), logits, ...(both && { refinement: both }) };
  };
}

function product(a: Tensor<"float32">, b: Tensor<"float32">): Tensor<"float32"> {
  const wide = (a.dims[1] ?? 1) >= (b.dims[1] ?? 1) ? a : b;
  const other = wide === a ? b : a;
  const [count = 0, channels = 0, ...spatial] = wide.dims;
  const [otherCount, otherChannels, ...otherSpatial] = other.dims;
  const fits = count === otherCount && spatial.join() === otherSpatial.join();
  if (!fits || (otherChannels !== 1 && otherChannels !== channels)) {
    throw new VoxplainError("mismatch", "maps of different shapes cannot be multiplied", {
      expected: `[${a.dims.join(", ")}]`,
      found: `[${b.dims.join(", ")}]`,
    });
  }
  const size = wide.data.length / (count * channels);
  const step = otherChannels === channels ? 1 : channels;
  const data = wide.data.map((value, k) => {
    const plane = Math.floor(Math.floor(k / size) / step);
    return value * elementAt(other.data, plane * size + (k % size));
  });
  return tensor("float32", wide.dims, data);
}
