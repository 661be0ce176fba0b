import { elementAt, elementCount } from "@voxplain/core";
import { intAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, inputOf, type RuleContext } from "../rule.ts";

/** Where an element of y looks along one axis: [N, 1, P] each, for P places. */
interface Tap {
  /** Index along the axis, a whole number in it. */
  readonly index: string;
  /** How much of that element there is; undefined for all of it. */
  readonly weight: string | undefined;
}

/**
 * Each element of y is a weighted sum of the image's elements around its place: they get their share
 * of its cotangent, added up where places meet. The grid is taken as fixed.
 */
const gridSample: GradientRule = (g, [dy]) => {
  if (g.wants(1)) throw g.unsupported("its grid is not fixed");
  if (dy === undefined || !g.wants(0)) return [];
  const lengths = g.lengths(g.x[0], 2);
  const rank = lengths.length;
  // [N, …places, axes] → [N, axes, P]; the last axis of the image comes first.
  const flatGrid = g.emit("Reshape", [inputOf(g, 1), g.int64([0, -1, rank])]);
  const grid = g.emit("Transpose", [flatGrid], { perm: [0, 2, 1] });
  const taps = lengths.map((length, axis) => {
    const row = rank - 1 - axis;
    const along = g.emit("Slice", [grid, g.int64([row]), g.int64([row + 1]), g.int64([1])]);
    return tapsAlong(g, along, length);
  });
  const cotangent = g.emit("Reshape", [dy, g.int64([0, 0, -1])]);
  const shape = g.shapeOf(g.x[0]);
  const front = g.emit("Slice", [shape, g.int64([0]), g.int64([2]), g.int64([0])]);
  const flatShape = g.emit("Concat", [front, g.int64([elementCount(lengths)])], { axis: 0 });
  const flat = combinations(taps).reduce((sum, corner) => {
    const index = corner
      .map(({ index }) => index)
      .reduce((before, each, axis) =>
        g.emit("Add", [g.emit("Mul", [before, g.float(elementAt(lengths, axis))]), each]),
      );
    const part = corner.reduce(
      (value, { weight }) => (weight ? g.emit("Mul", [value, weight]) : value),
      cotangent,
    );
    const places = g.emit("Expand", [g.emit("Cast", [index], { to: int64 }), g.emit("Shape", [cotangent])]);
    return g.emit("ScatterElements", [sum, places, part], { axis: 2, reduction: "add" });
  }, g.zeros(flatShape));
  return [g.emit("Reshape", [flat, shape])];
};

/** ONNX's number of the type. */
const int64 = 7;

function combinations(taps: readonly (readonly Tap[])[]): readonly (readonly Tap[])[] {
  return taps.reduce<readonly (readonly Tap[])[]>(
    (corners, along) => corners.flatMap((corner) => along.map((tap) => [...corner, tap])),
    [[]],
  );
}

function tapsAlong(g: RuleContext, coordinate: string, length: number): readonly Tap[] {
  const { attributes } = g.node;
  const mode = stringAttribute(attributes, "mode", "linear");
  const outside = stringAttribute(attributes, "padding_mode", "zeros");
  const position = moved(g, placeOf(g, coordinate, length), length, outside);
  if (mode === "nearest") return [fitted(g, g.emit("Round", [position]), undefined, length, outside)];
  if (mode !== "linear" && mode !== "bilinear") throw g.unsupported(`its mode is "${mode}"`);
  const first = g.emit("Floor", [position]);
  const share = g.emit("Sub", [position, first]);
  const rest = g.emit("Sub", [g.float(1), share]);
  const second = g.emit("Add", [first, g.float(1)]);
  return [fitted(g, first, rest, length, outside), fitted(g, second, share, length, outside)];
}

/** From −1…1, which are the middles of the outermost elements (align_corners) or the image's borders. */
function placeOf(g: RuleContext, coordinate: string, length: number): string {
  const isAligned = intAttribute(g.node.attributes, "align_corners", 0) === 1;
  const factor = (isAligned ? length - 1 : length) / 2;
  return g.emit("Add", [g.emit("Mul", [coordinate, g.float(factor)]), g.float((length - 1) / 2)]);
}

/** Places outside, as far as they are moved to the border or reflected at it. */
function moved(g: RuleContext, position: string, length: number, outside: string): string {
  if (outside === "zeros") return position;
  if (outside === "border") return clip(g, position, length);
  if (outside !== "reflection") throw g.unsupported(`its padding_mode "${outside}" is not known`);
  const isAligned = intAttribute(g.node.attributes, "align_corners", 0) === 1;
  const [low, span] = isAligned ? [0, length - 1] : [-0.5, length];
  if (span === 0) return clip(g, position, length);
  const distance = g.emit("Abs", [g.emit("Sub", [position, g.float(low)])]);
  const around = g.emit("Mod", [distance, g.float(2 * span)], { fmod: 1 });
  const back = g.emit("Abs", [g.emit("Sub", [around, g.float(span)])]);
  return g.emit("Sub", [g.float(low + span), back]);
}

function fitted(
  g: RuleContext,
  index: string,
  weight: string | undefined,
  length: number,
  outside: string,
): Tap {
  const inside = clip(g, index, length);
  if (outside !== "zeros") return { index: inside, weight };
  const isInside = g.emit("Equal", [index, inside]);
  return { index: inside, weight: g.emit("Where", [isInside, weight ?? g.float(1), g.float(0)]) };
}

function clip(g: RuleContext, value: string, length: number): string {
  return g.emit("Clip", [value, g.float(0), g.float(length - 1)]);
}

export const gridSampleRules: GradientRules = { GridSample: gridSample };
