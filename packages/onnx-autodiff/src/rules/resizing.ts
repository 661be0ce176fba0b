import { elementAt, elementCount } from "@voxplain/core";
import { type Dim, floatAttribute, intAttribute, intsAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, type RuleContext, unary } from "../rule.ts";
import { constantNumbers, fromFront } from "./attributes.ts";
import { type Interpolation, type Tap, tapsOf } from "./interpolation.ts";

/** The longest matrix that is written into the model: 2048 × 2048. */
const mostWeights = 2 ** 22;

interface Axis {
  readonly axis: number;
  readonly scale: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Along each axis y = M·x, with a matrix M that lengths and attributes give: the gradient is Mᵀ·dy,
 * axis by axis. Where each element is repeated, it is the sum over its copies.
 */
const resize = unary((g, dy) => {
  const method = methodOf(g);
  const axes = axesOf(g, method);
  const [from, to] = [g.dims(g.x[0]), g.dims(g.y[0])];
  // ONNX Runtime copies what keeps its shape, whatever the scales are.
  const isCopy = from.every(
    (length, axis) => length === to[axis] && (length !== null || !axes.some((each) => each.axis === axis)),
  );
  if (isCopy) return dy;
  if (axes.every(({ axis, scale }) => axis >= 2 && isRepetition(method, scale)))
    return sumOfCopies(g, dy, axes);
  return products(g, dy, axes, method);
});

function methodOf({ node }: RuleContext): Interpolation {
  const { attributes } = node;
  const mode = stringAttribute(attributes, "mode", "nearest");
  return {
    mode: mode === "cubic" || mode === "linear" ? mode : "nearest",
    coordinates: stringAttribute(attributes, "coordinate_transformation_mode", "half_pixel"),
    nearestMode: stringAttribute(attributes, "nearest_mode", "round_prefer_floor"),
    cubicCoefficient: floatAttribute(attributes, "cubic_coeff_a", -0.75),
    excludeOutside: intAttribute(attributes, "exclude_outside", 0) === 1,
    antialias: intAttribute(attributes, "antialias", 0) === 1,
  };
}

/** The axes that may change. */
function axesOf(g: RuleContext, { coordinates }: Interpolation): readonly Axis[] {
  const { attributes } = g.node;
  const [from, to] = [g.dims(g.x[0]), g.dims(g.y[0])];
  const rank = from.length;
  const axes = intsAttribute(attributes, "axes", [...from.keys()]).map((axis) => fromFront(axis, rank));
  const regions = coordinates === "tf_crop_and_resize" ? constantNumbers(g, g.x[1]) : [];
  if (regions === undefined) throw g.unsupported("its region of interest is computed");
  const scaleOf = scales(g, axes);
  return axes.flatMap((axis, k) => {
    const [start, end] = [regions[k] ?? 0, regions[k + axes.length] ?? 1];
    const scale = scaleOf(k);
    // ONNX Runtime looks at no region where the scale is 1.
    const changes = scale !== 1 || from[axis] !== to[axis];
    return changes ? [{ axis, scale, start, end }] : [];
  });
}

/** The scale of each of some axes. */
function scales(g: RuleContext, axes: readonly number[]): (k: number) => number {
  const { attributes } = g.node;
  const [from, to] = [g.dims(g.x[0]), g.dims(g.y[0])];
  const [, , , sizes = ""] = g.x;
  const constant = constantNumbers(g, g.x[2]);
  if (constant?.length === axes.length) return (k) => elementAt(constant, k);
  if (sizes === "") throw g.unsupported("its scales are computed");
  const ratio = (size: Dim | undefined, axis: number): number => {
    if (size === from[axis] && size !== null) return 1;
    if (typeof size === "number") return size / elementAt(g.lengths(g.x[0], axis), 0);
    throw g.unsupported(`the size of its axis ${axis} is computed`);
  };
  const policy = stringAttribute(attributes, "keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch") return (k) => ratio(to[elementAt(axes, k)], elementAt(axes, k));
  const asked = constantNumbers(g, sizes);
  if (asked === undefined) throw g.unsupported("its sizes are computed");
  const ratios = axes.map((axis, k) => ratio(asked[k], axis));
  const common = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return () => common;
}

const halfPixels = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel"];

/** True where "nearest" makes `scale` copies of each element, whatever the length is. */
function isRepetition({ mode, coordinates, nearestMode }: Interpolation, scale: number): boolean {
  if (mode !== "nearest" || !Number.isInteger(scale)) return false;
  if (coordinates === "asymmetric") return nearestMode === "floor";
  return halfPixels.includes(coordinates) && nearestMode.startsWith("round");
}

/** Times the number of copies, an average pooling. */
function sumOfCopies(g: RuleContext, dy: string, axes: readonly Axis[]): string {
  const copies = g
    .dims(g.x[0])
    .slice(2)
    .map((_, k) => axes.find(({ axis }) => axis === k + 2)?.scale ?? 1);
  const mean = g.emit("AveragePool", [dy], { kernel_shape: copies, strides: copies });
  return g.emit("Mul", [mean, g.float(elementCount(copies))]);
}

/** The axes that become shortest first: what follows has less to do. */
function products(g: RuleContext, dy: string, axes: readonly Axis[], method: Interpolation): string {
  const first = Math.min(...axes.map(({ axis }) => axis));
  const [from, to] = [g.lengths(g.x[0], first), g.lengths(g.y[0], first)];
  const current = [...to];
  const order = axes.toSorted((a, b) => b.scale - a.scale);
  const product = order.reduce((value, { axis, ...settings }) => {
    const k = axis - first;
    const [length, resized] = [elementAt(from, k), elementAt(to, k)];
    const taps = tapsAlong(g, method, { length, resized, ...settings });
    const behind = elementCount(current.slice(k + 1));
    current[k] = length;
    if (behind === 1) {
      const rows = g.emit("Reshape", [value, g.int64([-1, resized])]);
      return g.emit("MatMul", [rows, matrix(g, taps, length, false)]);
    }
    const columns = g.emit("Reshape", [value, g.int64([-1, resized, behind])]);
    return g.emit("MatMul", [matrix(g, taps, length, true), columns]);
  }, dy);
  return g.emit("Reshape", [product, g.shapeOf(g.x[0])]);
}

function tapsAlong(g: RuleContext, method: Interpolation, axis: Parameters<typeof tapsOf>[1]) {
  if (axis.length * axis.resized > mostWeights)
    throw g.unsupported(`its matrix from ${axis.length} to ${axis.resized} elements would be too large`);
  try {
    return tapsOf(method, axis);
  } catch (error) {
    if (error instanceof RangeError) throw g.unsupported(error.message);
    throw error;
  }
}

/** M, [resized, length], or its transpose. */
function matrix(
  g: RuleContext,
  taps: readonly (readonly Tap[])[],
  length: number,
  transposed: boolean,
): string {
  const weights = new Array<number>(taps.length * length).fill(0);
  for (const [row, each] of taps.entries()) {
    for (const { index, weight } of each)
      weights[transposed ? index * taps.length + row : row * length + index] = weight;
  }
  return g.float(weights, transposed ? [length, taps.length] : [taps.length, length]);
}

/** Regions and scales have no gradient here, which must not pass for one of zero. */
const resizeOfImage: GradientRule = (g, dy) => {
  const usesRegion =
    stringAttribute(g.node.attributes, "coordinate_transformation_mode", "half_pixel") ===
    "tf_crop_and_resize";
  if ((usesRegion && g.wants(1)) || g.wants(2))
    throw g.unsupported("its region of interest or scales are computed");
  return resize(g, dy);
};

export const resizingRules: GradientRules = { Resize: resizeOfImage };
