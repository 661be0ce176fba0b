import { elementAt, elementCount, rowMajorStrides, type Tensor } from "@voxplain/core";
import { intAttribute, intsAttribute, stringAttribute } from "../builder.ts";
import { axesOf, axisFromFront, fromFront } from "../shape-rules/axes.ts";
import { fixedRange, placesTaken, slicesOf } from "../shape-rules/slicing.ts";
import { larger, lesser, wrapped } from "./arithmetic.ts";
import {
  allInputs,
  checkedIndex,
  element,
  expanded,
  filled,
  inputOf,
  type Kernel,
  type Kernels,
  moved,
  numbersIn,
  outputDims,
  positionOf,
} from "./kernel.ts";

const axisOf = ({ node }: Parameters<Kernel>[0], rank: number, fallback = 0): number =>
  axisFromFront(intAttribute(node.attributes, "axis", fallback), rank);

const transpose: Kernel = (context) => {
  const x = inputOf(context, 0);
  const order = intsAttribute(context.node.attributes, "perm", [...x.dims.keys()].reverse());
  const strides = rowMajorStrides(x.dims);
  const turned = order.map((axis) => elementAt(strides, axis));
  return [moved(x, outputDims(context), (index) => positionOf(index, turned))];
};

const expand: Kernel = (context) => [expanded(inputOf(context, 0), outputDims(context))];

const tile: Kernel = (context) => {
  const x = inputOf(context, 0);
  const strides = rowMajorStrides(x.dims);
  return [
    moved(x, outputDims(context), (index) =>
      index.reduce((sum, k, axis) => sum + (k % elementAt(x.dims, axis)) * elementAt(strides, axis), 0),
    ),
  ];
};

const concat: Kernel = (context) => {
  const parts = allInputs(context);
  const dims = outputDims(context);
  const axis = axisOf(context, dims.length);
  const behind = elementCount(dims.slice(axis + 1));
  const starts: { readonly part: Tensor; readonly start: number }[] = [];
  let start = 0;
  for (const part of parts) {
    starts.push({ part, start });
    start += elementAt(part.dims, axis);
  }
  return [
    filled(elementAt(parts, 0).dtype, dims, (position) => {
      const along = Math.floor(position / behind) % elementAt(dims, axis);
      const { part, start: first } = starts.findLast(
        (each) => each.start <= along && each.part.data.length > 0,
      )!;
      const row = Math.floor(position / (behind * elementAt(dims, axis)));
      return element(
        part.data,
        (row * elementAt(part.dims, axis) + along - first) * behind + (position % behind),
      );
    }),
  ];
};

const split: Kernel = (context) => {
  const x = inputOf(context, 0);
  const axis = axisOf(context, x.dims.length);
  const strides = rowMajorStrides(x.dims);
  let start = 0;
  return context.outputs.map((output) => {
    const dims = outputDims({ ...context, outputs: [output] });
    const from = start * elementAt(strides, axis);
    start += elementAt(dims, axis);
    return moved(x, dims, (index) => from + positionOf(index, strides));
  });
};

const slice: Kernel = (context) => {
  const x = inputOf(context, 0);
  const ranges = slicesOf(context, x.dims.length);
  if (ranges === undefined) return undefined;
  const strides = rowMajorStrides(x.dims);
  const taken = x.dims.map((length, axis) => {
    const range = ranges.get(axis);
    if (range === undefined) return { first: 0, step: 1 };
    const taken = fixedRange(range);
    return { first: placesTaken(length, taken).first, step: taken.step };
  });
  return [
    moved(x, outputDims(context), (index) =>
      index.reduce(
        (sum, k, axis) =>
          sum + (elementAt(taken, axis).first + k * elementAt(taken, axis).step) * elementAt(strides, axis),
        0,
      ),
    ),
  ];
};

const gather: Kernel = (context) => {
  const [x, indices] = context.x as [Tensor, Tensor];
  const axis = axisOf(context, x.dims.length);
  const length = elementAt(x.dims, axis);
  const places = numbersIn(indices).map((index) => checkedIndex(index, length));
  const behind = elementCount(x.dims.slice(axis + 1));
  return [
    filled(x.dtype, outputDims(context), (position) => {
      const place = elementAt(places, Math.floor(position / behind) % places.length);
      const row = Math.floor(position / (behind * places.length));
      return element(x.data, (row * length + place) * behind + (position % behind));
    }),
  ];
};

const gatherND: Kernel = (context) => {
  const [x, indices] = context.x as [Tensor, Tensor];
  if (intAttribute(context.node.attributes, "batch_dims", 0) !== 0) return undefined;
  const starts = startsOf(x, indices);
  const block = elementCount(x.dims.slice(indices.dims.at(-1)));
  return [
    filled(x.dtype, outputDims(context), (position) =>
      element(x.data, elementAt(starts, Math.floor(position / block)) + (position % block)),
    ),
  ];
};

/** Offsets in x of the elements that the tuples in the last axis of `indices` name. */
function startsOf(x: Tensor, indices: Tensor): readonly number[] {
  const width = elementAt(indices.dims, indices.dims.length - 1);
  const strides = rowMajorStrides(x.dims);
  const numbers = numbersIn(indices);
  return Array.from({ length: elementCount(indices.dims.slice(0, -1)) }, (_, row) =>
    positionOf(
      Array.from({ length: width }, (_, k) =>
        checkedIndex(elementAt(numbers, row * width + k), elementAt(x.dims, k)),
      ),
      strides,
    ),
  );
}

const scatterND: Kernel = (context) => {
  const [x, indices, updates] = context.x as [Tensor, Tensor, Tensor];
  if (stringAttribute(context.node.attributes, "reduction", "none") !== "none") return undefined;
  const block = elementCount(x.dims.slice(indices.dims.at(-1)));
  const written = new Map<number, number | bigint>();
  for (const [row, start] of startsOf(x, indices).entries()) {
    for (let k = 0; k < block; k++) written.set(start + k, element(updates.data, row * block + k));
  }
  return [filled(x.dtype, x.dims, (position) => written.get(position) ?? element(x.data, position))];
};

/** [rank, count]: one row per axis. */
const nonZero: Kernel = (context) => {
  const { dtype, dims, data } = inputOf(context, 0);
  if (dtype === "float16" || dtype === "bfloat16") return undefined;
  const found = [...data.keys()].filter((position) => Number(element(data, position)) !== 0);
  const strides = rowMajorStrides(dims);
  return [
    filled("int64", [dims.length, found.length], (k) => {
      const axis = Math.floor(k / found.length);
      return BigInt(
        Math.floor(elementAt(found, k % found.length) / elementAt(strides, axis)) % elementAt(dims, axis),
      );
    }),
  ];
};

/** Only integers are reduced: the sum of floats depends on the order. */
const reduction =
  (join: (a: bigint, b: bigint) => bigint): Kernel =>
  (context) => {
    const x = inputOf(context, 0);
    if (x.dtype.includes("float") || x.dtype === "bool" || x.data.length === 0) return undefined;
    const axes = axesOf(context, 1);
    if (axes === undefined) return undefined;
    if (axes.length === 0 && intAttribute(context.node.attributes, "noop_with_empty_axes", 0) === 1)
      return [x];
    const along = new Set(axes.length === 0 ? x.dims.keys() : fromFront(axes, x.dims.length));
    const kept = rowMajorStrides(x.dims.map((length, axis) => (along.has(axis) ? 1 : length)));
    const strides = rowMajorStrides(x.dims);
    const results = new Map<number, bigint>();
    for (const [position, value] of x.data.entries()) {
      const target = strides.reduce(
        (sum, stride, axis) =>
          along.has(axis)
            ? sum
            : sum + (Math.floor(position / stride) % elementAt(x.dims, axis)) * elementAt(kept, axis),
        0,
      );
      const before = results.get(target);
      results.set(target, before === undefined ? BigInt(value) : join(before, BigInt(value)));
    }
    return [filled(x.dtype, outputDims(context), (k) => wrapped(x.dtype, results.get(k)!))];
  };

export const movementKernels: Kernels = {
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherND: gatherND,
  ScatterND: scatterND,
  NonZero: nonZero,
  ReduceSum: reduction((a, b) => a + b),
  ReduceProd: reduction((a, b) => a * b),
  ReduceMin: reduction(lesser),
  ReduceMax: reduction(larger),
};
