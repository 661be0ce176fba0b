import { elementCount } from "@voxplain/core";
import { intAttribute, intsAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { broadcast } from "./elementwise.ts";
import { type Known, knownOf, type ShapeContext, type ShapeRule } from "./known.ts";
import { axesOf, fromFront } from "./reduction.ts";

const unknown = (x: Known | undefined): Known => ({ dtype: x?.dtype ?? "float32", dims: undefined });

/** All elements as numbers, or undefined. */
function numbers(value: Known | undefined): readonly number[] | undefined {
  return value?.elements?.every((element) => typeof element === "number")
    ? (value.elements as number[])
    : undefined;
}

const flatten: ShapeRule = ({ inputs: [x], node }) => {
  if (x?.dims === undefined) return [unknown(x)];
  const axis = intAttribute(node.attributes, "axis", 1);
  const first = axis < 0 ? axis + x.dims.length : axis;
  return [{ dtype: x.dtype, dims: [product(x.dims.slice(0, first)), product(x.dims.slice(first))] }];
};

/** A product of axes: a lone symbol stays itself. */
function product(dims: readonly Dim[]): Dim {
  const others = dims.filter((dim) => dim !== 1);
  if (others.length === 1) return others[0]!;
  return others.every((dim) => typeof dim === "number") ? elementCount(others as number[]) : null;
}

const reshape: ShapeRule = ({ inputs: [x, shape], node, opset }) => {
  const target = opset < 5 ? intsAttribute(node.attributes, "shape", []) : shape?.elements;
  if (x === undefined || target === undefined) {
    const rank = shape?.dims?.[0];
    return [typeof rank === "number" ? { ...unknown(x), dims: new Array<Dim>(rank).fill(null) } : unknown(x)];
  }
  const copyZero = intAttribute(node.attributes, "allowzero", 0) === 0;
  const dims = target.map((dim, axis): Dim => (dim === 0 && copyZero ? (x.dims?.[axis] ?? null) : dim));
  const free = dims.indexOf(-1);
  if (free >= 0)
    dims[free] = remaining(
      x.dims,
      dims.filter((_, axis) => axis !== free),
    );
  if (x.dims !== undefined) checkCount(x.dims, dims);
  return [{ dtype: x.dtype, dims, ...(x.elements && dims.length < 2 && { elements: x.elements }) }];
};

/** The one axis that makes up for the others; symbols that stand on both sides cancel. */
function remaining(from: readonly Dim[] | undefined, to: readonly Dim[]): Dim {
  if (from === undefined) return null;
  const left = [...from];
  for (const dim of to) {
    const found = typeof dim === "number" ? -1 : left.indexOf(dim);
    if (found >= 0 && dim !== null) left.splice(found, 1);
    else if (typeof dim !== "number") return null;
  }
  const known = to.filter((dim) => typeof dim === "number");
  const rest = product(left);
  if (typeof rest === "number") return known.length === 0 ? rest : rest / elementCount(known as number[]);
  return elementCount(known as number[]) === 1 ? rest : null;
}

function checkCount(from: readonly Dim[], to: readonly Dim[]): void {
  const fixed = (dims: readonly Dim[]) => dims.every((dim) => typeof dim === "number");
  if (!fixed(from) || !fixed(to)) return;
  if (elementCount(from as number[]) !== elementCount(to as number[])) {
    throw new RangeError(`[${from.join(", ")}] cannot be given the shape [${to.join(", ")}]`);
  }
}

const transpose: ShapeRule = ({ inputs: [x], node }) => {
  if (x?.dims === undefined) return [unknown(x)];
  const order = intsAttribute(node.attributes, "perm", [...x.dims.keys()].reverse());
  return [{ dtype: x.dtype, dims: order.map((axis) => x.dims![axis] ?? null) }];
};

const squeeze: ShapeRule = (context) => {
  const [x] = context.inputs;
  const axes = axesOf(context, 1);
  if (x?.dims === undefined || axes === undefined) return [unknown(x)];
  const removed = new Set(axes.length === 0 ? [] : fromFront(axes, x.dims.length));
  const dims = x.dims.filter((dim, axis) => (axes.length === 0 ? dim !== 1 : !removed.has(axis)));
  return [{ dtype: x.dtype, dims, elements: x.elements }];
};

const unsqueeze: ShapeRule = (context) => {
  const [x] = context.inputs;
  const axes = axesOf(context, 1);
  if (x?.dims === undefined || axes === undefined) return [unknown(x)];
  const rank = x.dims.length + axes.length;
  const added = new Set(fromFront(axes, rank));
  const rest = [...x.dims];
  const dims = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!));
  return [{ dtype: x.dtype, dims, elements: x.elements }];
};

const shapeOf: ShapeRule = ({ inputs: [x], node }) => {
  if (x?.dims === undefined) return [{ dtype: "int64", dims: [null] }];
  const start = intAttribute(node.attributes, "start", 0);
  const end = intAttribute(node.attributes, "end", x.dims.length);
  const elements = x.dims.slice(start, end);
  return [{ dtype: "int64", dims: [elements.length], elements }];
};

const gather: ShapeRule = ({ inputs: [x, indices], node }) => {
  if (x?.dims === undefined || indices?.dims === undefined) return [unknown(x)];
  const axis = fromFront([intAttribute(node.attributes, "axis", 0)], x.dims.length)[0]!;
  const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)];
  const picked = numbers(indices)?.map((index) => x.elements?.at(index) ?? null);
  return [{ dtype: x.dtype, dims, ...(x.elements && picked && { elements: picked }) }];
};

const concat: ShapeRule = ({ inputs, node }) => {
  const [first] = inputs;
  if (inputs.some((input) => input?.dims === undefined)) return [unknown(first)];
  const shapes = inputs.map((input) => input!.dims!);
  const axis = fromFront([intAttribute(node.attributes, "axis", 0)], shapes[0]!.length)[0]!;
  const dims = shapes[0]!.map((_, k): Dim => {
    const lengths = shapes.map((shape) => shape[k] ?? null);
    if (k === axis)
      return lengths.every((dim) => typeof dim === "number")
        ? lengths.reduce((sum, dim) => sum + dim, 0)
        : null;
    const fixed = lengths.find((dim) => typeof dim === "number") ?? lengths[0]!;
    if (lengths.some((dim) => typeof dim === "number" && dim !== fixed))
      throw new RangeError("the other axes differ");
    return fixed;
  });
  const elements = inputs.every((input) => input?.elements)
    ? inputs.flatMap((input) => input!.elements!)
    : undefined;
  return [{ dtype: first?.dtype ?? "float32", dims, elements }];
};

const split: ShapeRule = ({ inputs: [x, sizes], node, opset }) => {
  const count = node.outputs.length;
  if (x?.dims === undefined) return node.outputs.map(() => unknown(x));
  const axis = fromFront([intAttribute(node.attributes, "axis", 0)], x.dims.length)[0]!;
  const given = opset < 13 ? intsAttribute(node.attributes, "split", []) : (numbers(sizes) ?? []);
  const length = x.dims[axis]!;
  const part = typeof length === "number" ? Math.ceil(length / count) : null;
  return node.outputs.map((_, k) => {
    const even = part === null ? null : Math.min(part, (length as number) - part * k);
    return { dtype: x.dtype, dims: x.dims!.map((dim, j) => (j === axis ? (given[k] ?? even) : dim)) };
  });
};

/** Starts, ends, axes and steps of a Slice: inputs since opset 10, attributes before. */
export function sliceOf({ node, inputs, opset }: ShapeContext, rank: number) {
  const old = opset < 10;
  const starts = old ? intsAttribute(node.attributes, "starts", []) : numbers(inputs[1]);
  const ends = old ? intsAttribute(node.attributes, "ends", []) : numbers(inputs[2]);
  const axes = old
    ? intsAttribute(node.attributes, "axes", [])
    : inputs[3] === undefined
      ? []
      : numbers(inputs[3]);
  const steps = old || inputs[4] === undefined ? [] : numbers(inputs[4]);
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined)
    return undefined;
  const along = axes.length > 0 ? fromFront(axes, rank) : starts.map((_, k) => k);
  return along.map((axis, k) => ({ axis, start: starts[k]!, end: ends[k]!, step: steps[k] ?? 1 }));
}

/** The indices that one axis of a Slice takes: first, count, step. */
export function slicedRange(length: number, start: number, end: number, step: number) {
  const inside = (index: number, low: number, high: number) =>
    Math.min(Math.max(index < 0 ? index + length : index, low), high);
  const first = step > 0 ? inside(start, 0, length) : inside(start, -1, length - 1);
  const last = step > 0 ? inside(end, 0, length) : inside(end, -1, length - 1);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)), step };
}

const slice: ShapeRule = (context) => {
  const [x] = context.inputs;
  const ranges = x?.dims && sliceOf(context, x.dims.length);
  if (x?.dims === undefined) return [unknown(x)];
  if (ranges === undefined) return [{ dtype: x.dtype, dims: x.dims.map(() => null) }];
  const dims = [...x.dims];
  for (const { axis, start, end, step } of ranges) {
    const length = dims[axis];
    dims[axis] = typeof length === "number" ? slicedRange(length, start, end, step).count : null;
  }
  const [range] = ranges;
  const elements =
    x.elements && range && ranges.length === 1
      ? Array.from({ length: dims[0] as number }, (_, k) => {
          const { first } = slicedRange(x.elements!.length, range.start, range.end, range.step);
          return x.elements![first + k * range.step]!;
        })
      : undefined;
  return [{ dtype: x.dtype, dims, elements }];
};

const pad: ShapeRule = ({ inputs: [x, pads, , axes], node, opset }) => {
  if (x?.dims === undefined) return [unknown(x)];
  const amounts =
    opset < 11 ? intsAttribute(node.attributes, opset < 2 ? "paddings" : "pads", []) : numbers(pads);
  const along = axes === undefined ? [...x.dims.keys()] : numbers(axes);
  if (amounts === undefined || along === undefined) return [{ dtype: x.dtype, dims: x.dims.map(() => null) }];
  const dims = [...x.dims];
  for (const [k, axis] of fromFront(along, dims.length).entries()) {
    const length = dims[axis];
    const total = (amounts[k] ?? 0) + (amounts[k + along.length] ?? 0);
    if (total !== 0) dims[axis] = typeof length === "number" ? length + total : null;
  }
  return [{ dtype: x.dtype, dims }];
};

const expand: ShapeRule = ({ inputs: [x, shape] }) => [
  { ...unknown(x), dims: shape?.elements && broadcast([x?.dims, shape.elements]) },
];

const tile: ShapeRule = ({ inputs: [x, repeats] }) => {
  const times = numbers(repeats);
  const dims = x?.dims?.map(
    (dim, axis): Dim =>
      times?.[axis] === 1 ? dim : typeof dim === "number" && times ? dim * times[axis]! : null,
  );
  return [{ ...unknown(x), dims }];
};

const constant: ShapeRule = ({ node: { attributes } }) => {
  const { value, value_int, value_ints, value_float, value_floats } = attributes;
  if (value !== undefined && "tensor" in value) return [knownOf(value.tensor)];
  if (value_int !== undefined && "int" in value_int)
    return [{ dtype: "int64", dims: [], elements: [value_int.int] }];
  if (value_ints !== undefined && "ints" in value_ints) {
    return [{ dtype: "int64", dims: [value_ints.ints.length], elements: value_ints.ints }];
  }
  if (value_float !== undefined) return [{ dtype: "float32", dims: [] }];
  return value_floats !== undefined && "floats" in value_floats
    ? [{ dtype: "float32", dims: [value_floats.floats.length] }]
    : [];
};

const constantOfShape: ShapeRule = ({ inputs: [shape], node }) => {
  const value = node.attributes.value;
  const filler = value !== undefined && "tensor" in value ? value.tensor : undefined;
  const dims = shape?.elements;
  const count = dims?.length === 1 && typeof dims[0] === "number" ? dims[0] : undefined;
  const elements =
    filler?.dtype === "int64" && count !== undefined && count <= 64
      ? new Array<number>(count).fill(Number(filler.data[0]))
      : undefined;
  return [{ dtype: filler?.dtype ?? "float32", dims, elements }];
};

const resize: ShapeRule = ({ inputs, node, opset }) => {
  const [x] = inputs;
  if (x?.dims === undefined) return [unknown(x)];
  const sizes = numbers(inputs[3]);
  const axes = intsAttribute(node.attributes, "axes", [...x.dims.keys()]);
  if (sizes === undefined || opset < 11) return [{ dtype: x.dtype, dims: x.dims.map(() => null) }];
  return [
    {
      dtype: x.dtype,
      dims: x.dims.map((dim, axis) => (axes.includes(axis) ? sizes[axes.indexOf(axis)]! : dim)),
    },
  ];
};

const depthToSpace: ShapeRule = ({ inputs: [x], node }) => {
  const block = intAttribute(node.attributes, "blocksize", 1);
  const [batch, channels, ...spatial] = x?.dims ?? [];
  if (x?.dims === undefined || typeof channels !== "number") return [unknown(x)];
  const lengths = spatial.map((length) => (typeof length === "number" ? length * block : null));
  return [{ dtype: x.dtype, dims: [batch ?? null, channels / block ** 2, ...lengths] }];
};

const spaceToDepth: ShapeRule = ({ inputs: [x], node }) => {
  const block = intAttribute(node.attributes, "blocksize", 1);
  const [batch, channels, ...spatial] = x?.dims ?? [];
  if (x?.dims === undefined || typeof channels !== "number") return [unknown(x)];
  const lengths = spatial.map((length) => (typeof length === "number" ? Math.floor(length / block) : null));
  return [{ dtype: x.dtype, dims: [batch ?? null, channels * block ** 2, ...lengths] }];
};

const range: ShapeRule = ({ inputs }) => {
  const [start, limit, delta] = inputs.map((input) => numbers(input)?.[0]);
  const count =
    start === undefined || limit === undefined || delta === undefined
      ? null
      : Math.max(0, Math.ceil((limit - start) / delta));
  return [{ dtype: inputs[0]?.dtype ?? "int64", dims: [count] }];
};

const likeFirst: ShapeRule = ({ inputs: [x] }) => [{ ...unknown(x), dims: x?.dims }];
const likeIndices: ShapeRule = ({ inputs: [x, indices] }) => [{ ...unknown(x), dims: indices?.dims }];

export const movementShapes: Readonly<Record<string, ShapeRule>> = {
  Flatten: flatten,
  Reshape: reshape,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Shape: shapeOf,
  Size: () => [{ dtype: "int64", dims: [] }],
  Gather: gather,
  GatherElements: likeIndices,
  ScatterElements: likeFirst,
  ScatterND: likeFirst,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Tile: tile,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Resize: resize,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Range: range,
};
