import { reduce } from "@voxplain/onnx-graph";
import { type GradientRules, inputOf, unary } from "../rule.ts";
import { constantNumbers } from "./attributes.ts";
import { joined, type Length, lengthOf } from "./lengths.ts";

/** dy is seen with an axis of repeats in front of each axis that was repeated, and summed over those. */
const tile = unary((g, dy) => {
  const [x, repeats] = [g.x[0], inputOf(g, 1)];
  const fixed = constantNumbers(g, repeats);
  if (fixed?.includes(0)) return g.zeros(g.shapeOf(x));
  const lengths: Length[] = [];
  const summed: number[] = [];
  for (const axis of g.dims(x).keys()) {
    const times = fixed?.[axis] ?? g.emit("Gather", [repeats, g.int64([axis])]);
    if (times !== 1) {
      summed.push(lengths.length);
      lengths.push(times);
    }
    lengths.push(lengthOf(g, x, axis));
  }
  if (summed.length === 0) return dy;
  const apart = g.emit("Reshape", [dy, joined(g, lengths)], { allowzero: 1 });
  return reduce(g, "ReduceSum", apart, summed, false);
});

export const repetitionRules: GradientRules = {
  Tile: tile,
  // The copies of an element add up.
  Expand: unary((g, dy) => g.unbroadcast(dy, g.dims(g.y[0]), g.x[0])),
};
