import { elementAt } from "@voxplain/core";
import { intAttribute, intsAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { axesOf, fromFront } from "./axes.ts";
import { broadcastElements, rearranged } from "./elements.ts";
import { dimsFrom, type ShapeRule, type ShapeRules, typeOf, unknownLike } from "./known.ts";
import { broadcast, checkSameCount, productOf, quotientOf } from "./lengths.ts";

const flatten: ShapeRule = ({ inputs: [x], node }) => {
  if (x?.dims === undefined) return [{ dtype: typeOf(x), dims: [null, null] }];
  const axis = intAttribute(node.attributes, "axis", 1);
  const first = axis < 0 ? axis + x.dims.length : axis;
  if (!(first >= 0 && first <= x.dims.length)) throw new RangeError(`there is no axis ${axis}`);
  return [{ dtype: x.dtype, dims: [productOf(x.dims.slice(0, first)), productOf(x.dims.slice(first))] }];
};

/** In the target shape −1 is what is left over, and 0 the length that the axis has already. */
const reshape: ShapeRule = ({ inputs: [x, shape], node, opset }) => {
  const target = opset < 5 ? intsAttribute(node.attributes, "shape", []) : shape?.elements;
  if (target === undefined) return [{ dtype: typeOf(x), dims: dimsFrom(shape) }];
  if (target.some((dim) => typeof dim === "number" && dim < -1) || isTwice(target, -1)) {
    throw new RangeError(`[${target.join(", ")}] is not a shape to be given`);
  }
  const copies = intAttribute(node.attributes, "allowzero", 0) === 0;
  const isCopied = (axis: number) => copies && target[axis] === 0;
  const dims = target.map((dim, axis): Dim => (isCopied(axis) ? copiedLength(x?.dims, axis) : dim));
  const free = dims.indexOf(-1);
  // An axis that is copied is the same on both sides, even where its length is not known.
  const whole = x?.dims?.filter((_, axis) => !isCopied(axis));
  const known = dims.filter((_, axis) => !isCopied(axis) && axis !== free);
  if (free >= 0) dims[free] = whole === undefined ? null : quotientOf(whole, known);
  else if (whole !== undefined) checkSameCount(whole, known);
  return [{ dtype: typeOf(x), dims, elements: dims.includes(null) ? undefined : x?.elements }];
};

function isTwice(values: readonly Dim[], value: Dim): boolean {
  return values.indexOf(value) !== values.lastIndexOf(value);
}

function copiedLength(from: readonly Dim[] | undefined, axis: number): Dim {
  const length = from?.[axis];
  if (from !== undefined && length === undefined) throw new RangeError(`there is no axis ${axis} to copy`);
  return length ?? null;
}

const transpose: ShapeRule = ({ inputs: [x], node }) => {
  if (x?.dims === undefined) return [unknownLike(x)];
  const order = intsAttribute(node.attributes, "perm", [...x.dims.keys()].reverse());
  const from = x.dims;
  if (order.length !== from.length || x.dims.some((_, axis) => !order.includes(axis))) {
    throw new RangeError(`[${order.join(", ")}] is not an order of ${x.dims.length} axes`);
  }
  const dims = order.map((axis) => elementAt(from, axis));
  return [
    {
      dtype: x.dtype,
      dims,
      elements: rearranged(x, dims, (index) => order.map((_, axis) => elementAt(index, order.indexOf(axis)))),
    },
  ];
};

const squeeze: ShapeRule = (context) => {
  const [x] = context.inputs;
  const axes = axesOf(context, 1);
  if (x?.dims === undefined || axes === undefined) return [unknownLike(x)];
  // Without axes all of length 1 go, so a length that is not a number leaves even their count open.
  if (axes.length === 0 && x.dims.some((dim) => typeof dim !== "number")) return [unknownLike(x)];
  const ones = x.dims.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  const removed = new Set(axes.length === 0 ? ones : fromFront(axes, x.dims.length));
  const long = x.dims.find((dim, axis) => removed.has(axis) && typeof dim === "number" && dim !== 1);
  if (long !== undefined) throw new RangeError(`an axis of length ${long} cannot be removed`);
  return [{ dtype: x.dtype, dims: x.dims.filter((_, axis) => !removed.has(axis)), elements: x.elements }];
};

const unsqueeze: ShapeRule = (context) => {
  const [x] = context.inputs;
  const axes = axesOf(context, 1);
  if (x?.dims === undefined || axes === undefined) return [unknownLike(x)];
  const rank = x.dims.length + axes.length;
  const added = new Set(fromFront(axes, rank));
  if (added.size < axes.length) throw new RangeError(`the axes [${axes.join(", ")}] name one twice`);
  const dims: Dim[] = [...x.dims];
  for (const axis of [...added].sort((a, b) => a - b)) dims.splice(axis, 0, 1);
  return [{ dtype: x.dtype, dims, elements: x.elements }];
};

const expand: ShapeRule = ({ inputs: [x, shape] }) => {
  const dims = broadcast([x?.dims, dimsFrom(shape)]);
  return [{ dtype: typeOf(x), dims, elements: broadcastElements(x, dims) }];
};

const tile: ShapeRule = ({ inputs: [x, repeats] }) => {
  if (x?.dims === undefined) return [unknownLike(x)];
  const times = repeats?.elements;
  if (times === undefined) return [{ dtype: x.dtype, dims: x.dims.map(() => null) }];
  if (times.length !== x.dims.length || times.some((count) => Number(count) < 0)) {
    throw new RangeError(`[${times.join(", ")}] should say for ${x.dims.length} axes how often`);
  }
  const from = x.dims;
  const dims = from.map((dim, axis): Dim => {
    const count = elementAt(times, axis);
    if (dim === 1 || count === 1) return dim === 1 ? count : dim;
    return typeof dim === "number" && typeof count === "number" ? dim * count : null;
  });
  const elements = rearranged(x, dims, (index) => index.map((k, axis) => k % (from[axis] as number)));
  return [{ dtype: x.dtype, dims, elements }];
};

/** [N, C, H, W] to [N, C / b², H·b, W·b], and back. */
const blocks =
  (toSpace: boolean): ShapeRule =>
  ({ inputs: [x], node }) => {
    if (x?.dims === undefined) return [unknownLike(x)];
    const block = intAttribute(node.attributes, "blocksize", 1);
    const [batch, channels, ...spatial] = x.dims;
    if (batch === undefined || channels === undefined || spatial.length !== 2 || block < 1)
      throw new RangeError("the input should be [N, C, H, W]");
    const scaled = (length: Dim, up: number, down: number): Dim => {
      if (typeof length !== "number") return up === down ? length : null;
      if (length % down !== 0) throw new RangeError(`${length} cannot be divided by ${down}`);
      return (length / down) * up;
    };
    const [up, down] = toSpace ? [block, 1] : [1, block];
    return [
      {
        dtype: x.dtype,
        dims: [batch, scaled(channels, down ** 2, up ** 2), ...spatial.map((dim) => scaled(dim, up, down))],
      },
    ];
  };

export const reshapingRules: ShapeRules = {
  Flatten: flatten,
  Reshape: reshape,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: tile,
  DepthToSpace: blocks(true),
  SpaceToDepth: blocks(false),
};
