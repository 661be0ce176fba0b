import { intAttribute } from "@voxplain/onnx-graph";
import { type GradientRules, inputOf, type RuleContext, unary } from "../rule.ts";
import { constantNumbers, fromFront } from "./attributes.ts";
import { joined, lengthOf } from "./lengths.ts";
import { fitAxes } from "./zero-insertion.ts";

/** Elements of dy at their places among the zeros `to`; no place occurs twice. */
export function putAt(g: RuleContext, to: string, places: string, dy: string, axis: number): string {
  return g.emit("ScatterElements", [to, places, dy], { axis });
}

/**
 * An element of x gets the sum of dy over the places that it was taken to. ScatterElements sums in a
 * fixed order; ScatterND, with several threads, does not: see the issue 18048 of ONNX Runtime. Half
 * precision is summed in float32, since its CPU kernel knows no other way.
 */
export function addAt(g: RuleContext, to: string, places: string, dy: string, axis: number): string {
  const isHalf = g.dtype === "float16" || g.dtype === "bfloat16";
  const wide = (value: string) => (isHalf ? g.emit("Cast", [value], { to: 1 }) : value);
  const sums = g.emit("ScatterElements", [wide(to), places, wide(dy)], { axis, reduction: "add" });
  return isHalf ? g.emit("CastLike", [sums, dy]) : sums;
}

/** Indices along one axis, repeated along the others to the shape of `like`. */
export function alongAxis(g: RuleContext, indices: string, like: string, axis: number, rank: number): string {
  const column = Array.from({ length: rank }, (_, k) => (k === axis ? -1 : 1));
  return g.emit("Expand", [g.emit("Reshape", [indices, g.int64(column)]), g.emit("Shape", [like])]);
}

const gather = unary((g, dy) => {
  const [x, indices] = [g.x[0], inputOf(g, 1)];
  const rank = g.dims(x).length;
  const axis = fromFront(intAttribute(g.node.attributes, "axis", 0), rank);
  const taken = withOneIndexAxis(g, dy, axis);
  const place = onlyPlace(g, axis);
  if (place !== undefined) {
    const along = (amount: number) => g.dims(x).map((_, k) => (k === axis ? amount : 0));
    return fitAxes(g, taken, along(place.before), along(place.after));
  }
  return addAt(g, g.zeros(g.shapeOf(x)), alongAxis(g, indices, taken, axis, rank), taken, axis);
});

/** The indices may have any number of axes, which stand in dy where x has one. */
function withOneIndexAxis(g: RuleContext, dy: string, axis: number): string {
  const [x, indices] = [g.x[0], inputOf(g, 1)];
  const indexRank = g.dims(indices).length;
  if (indexRank === 1) return dy;
  if (indexRank === 0) return g.emit("Unsqueeze", [dy, g.int64([axis])]);
  const lengths = g.dims(x).map((length, k) => {
    if (k === axis) return -1;
    // 0 keeps an axis that stands where it stood.
    return k < axis && typeof length !== "number" ? 0 : lengthOf(g, x, k);
  });
  return g.emit("Reshape", [dy, joined(g, lengths)]);
}

/** Elements before and after the only one that is taken, as the class token of a transformer. */
function onlyPlace(
  g: RuleContext,
  axis: number,
): { readonly before: number; readonly after: number } | undefined {
  const [x, indices] = [g.x[0], inputOf(g, 1)];
  const [index, ...more] = (g.dims(indices).length < 2 && constantNumbers(g, indices)) || [];
  const length = g.dims(x)[axis];
  if (index === undefined || more.length > 0 || typeof length !== "number") return undefined;
  const place = fromFront(index, length);
  return { before: place, after: length - place - 1 };
}

export const gatherRules: GradientRules = {
  Gather: gather,
  GatherElements: unary((g, dy) => {
    const [x, indices] = [g.x[0], inputOf(g, 1)];
    return addAt(g, g.zeros(g.shapeOf(x)), indices, dy, intAttribute(g.node.attributes, "axis", 0));
  }),
};
