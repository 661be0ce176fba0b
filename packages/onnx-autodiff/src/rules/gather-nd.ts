import { tensor } from "@voxplain/core";
import { intAttribute } from "@voxplain/onnx-graph";
import { type GradientRules, inputOf, type RuleContext, unary } from "../rule.ts";
import { addAt } from "./gather.ts";
import { asValue, elementsBetween, joined, lengthOf } from "./lengths.ts";

/**
 * x is seen as [batch, places, elements of a place], and dy as [batch, tuples, elements of a place]:
 * what belongs to a tuple is added to its place.
 */
const gatherND = unary((g, dy) => {
  const [x, indices] = [g.x[0], inputOf(g, 1)];
  const batchAxes = intAttribute(g.node.attributes, "batch_dims", 0);
  const tuple = g.dims(indices).at(-1);
  if (typeof tuple !== "number") throw g.unsupported(`the last axis of "${indices}" is not fixed`);
  const rank = g.dims(x).length;
  const batch = elementsBetween(g, x, 0, batchAxes);
  const places = elementsBetween(g, x, batchAxes, batchAxes + tuple);
  const elements = elementsBetween(g, x, batchAxes + tuple, rank);
  const parts = g.emit("Reshape", [dy, joined(g, [batch, -1, elements])]);
  const place = g.emit("Reshape", [placeOf(g, indices, batchAxes, tuple), joined(g, [batch, -1, 1])]);
  const everywhere = g.emit("Expand", [place, g.emit("Shape", [parts])]);
  const sums = addAt(g, g.zeros(joined(g, [batch, places, elements])), everywhere, parts, 1);
  return g.emit("Reshape", [sums, g.shapeOf(x)]);
});

/** ((i₀·d₁ + i₁)·d₂ + i₂)… for each tuple of indices, of which negative ones count from the end. */
function placeOf(g: RuleContext, indices: string, first: number, tuple: number): string {
  const zero = g.constant(tensor("int64", [], BigInt64Array.of(0n)));
  let place: string | undefined;
  for (let k = 0; k < tuple; k++) {
    const position = g.constant(tensor("int64", [], BigInt64Array.of(BigInt(k))));
    const index = g.emit("Gather", [indices, position], { axis: -1 });
    const length = asValue(g, lengthOf(g, g.x[0], first + k));
    const isNegative = g.emit("Less", [index, zero]);
    const counted = g.emit("Where", [isNegative, g.emit("Add", [index, length]), index]);
    place = place === undefined ? counted : g.emit("Add", [g.emit("Mul", [place, length]), counted]);
  }
  if (place === undefined) throw g.unsupported(`the last axis of "${indices}" is empty`);
  return place;
}

export const gatherNDRules: GradientRules = { GatherND: gatherND };
