import { elementAt } from "@voxplain/core";
import { intAttribute, intsAttribute } from "../builder.ts";
import type { Dim } from "../model.ts";
import { axisFromFront, fromFront } from "./axes.ts";
import { rearranged } from "./elements.ts";
import {
  type Known,
  numbersOf,
  type ShapeContext,
  type ShapeRule,
  type ShapeRules,
  typeOf,
  unknownLike,
} from "./known.ts";
import { sumOf, unified } from "./lengths.ts";

const concat: ShapeRule = ({ inputs, node, opset }) => {
  const [first] = inputs;
  const shapes = inputs.map((input) => input?.dims);
  if (first?.dims === undefined || !shapes.every((shape) => shape !== undefined)) return [unknownLike(first)];
  const rank = first.dims.length;
  const along = axisFromFront(intAttribute(node.attributes, "axis", opset < 4 ? 1 : 0), rank);
  const dims = first.dims.map((_, axis): Dim => {
    if (shapes.some((shape) => shape.length !== rank)) {
      throw new RangeError("what is put together should have the same number of axes");
    }
    const lengths = shapes.map((shape) => elementAt(shape, axis));
    if (axis === along) return sumOf(lengths);
    return lengths.reduce((a, b) => unified(a, b, `lengths of axis ${axis}`));
  });
  const parts = inputs.map((input) => input?.elements);
  const areKnown = along === 0 && parts.every((part) => part !== undefined);
  return [{ dtype: first.dtype, dims, elements: areKnown ? parts.flat() : undefined }];
};

const split: ShapeRule = ({ inputs: [x, sizes], node, opset }) => {
  if (x?.dims === undefined) return node.outputs.map(() => unknownLike(x));
  const whole = x.dims;
  const axis = axisFromFront(intAttribute(node.attributes, "axis", 0), whole.length);
  const length = elementAt(whole, axis);
  const given = opset < 13 ? intsAttribute(node.attributes, "split", []) : numbersOf(sizes);
  if (given !== undefined && given.length > 0) {
    if (given.length !== node.outputs.length) {
      throw new RangeError(`the lengths [${given.join(", ")}] are not ${node.outputs.length}`);
    }
    unified(length, sumOf(given), "length of the axis and sum of the parts");
  }
  const part = typeof length === "number" ? Math.ceil(length / node.outputs.length) : null;
  // Equal parts; the last is shorter where they do not fit.
  const even = (k: number): Dim =>
    sizes !== undefined || part === null ? null : Math.max(0, Math.min(part, (length as number) - part * k));
  let start = 0;
  return node.outputs.map((_, k) => {
    const own = given?.[k] ?? even(k);
    const dims = whole.map((dim, j) => (j === axis ? own : dim));
    const from = start;
    start += Number(own);
    const elements = rearranged(x, dims, (index) => index.map((i, j) => (j === axis ? i + from : i)));
    return { dtype: x.dtype, dims, elements };
  });
};

/** The last index that stands for "to the end": exporters write the largest int32 or int64. */
const endless = 2 ** 31 - 1;

const slice: ShapeRule = (context) => {
  const [x] = context.inputs;
  if (x?.dims === undefined) return [unknownLike(x)];
  const from = x.dims;
  const ranges = slicesOf(context, from.length);
  if (ranges === undefined) return [{ dtype: x.dtype, dims: x.dims.map(() => null) }];
  const dims = x.dims.map((dim, axis) => {
    const range = ranges.get(axis);
    return range === undefined ? dim : slicedLength(dim, range);
  });
  const elements = rearranged(x, dims, (index) =>
    index.map((k, axis) => {
      const range = ranges.get(axis);
      if (range === undefined) return k;
      const taken = fixedRange(range);
      return placesTaken(fixedLength(from[axis]), taken).first + k * taken.step;
    }),
  );
  return [{ dtype: x.dtype, dims, elements }];
};

function fixedLength(length: Dim | undefined): number {
  if (typeof length === "number") return length;
  throw new RangeError("the length of an axis is not known");
}

/** A range of which all is known. @throws RangeError for another. */
export function fixedRange({ start, end, step }: { [part in keyof Slice]: number | null }): Slice {
  if (start !== null && end !== null && step !== null) return { start, end, step };
  throw new RangeError("what is taken along an axis is not known");
}

export interface Slice {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Axis → what is taken of it, null where that is computed: inputs since operator set 10, attributes before. */
export function slicesOf(
  { node: { attributes }, inputs, opset }: ShapeContext,
  rank: number,
): ReadonlyMap<number, { [part in keyof Slice]: number | null }> | undefined {
  const attributeOf = (key: string): readonly number[] => intsAttribute(attributes, key, []);
  const inputOf = (position: number): readonly Dim[] | undefined =>
    inputs[position] === undefined ? [] : inputs[position]?.elements;
  const old = opset < 10;
  const starts = old ? attributeOf("starts") : inputOf(1);
  const ends = old ? attributeOf("ends") : inputOf(2);
  const steps = old ? [] : inputOf(4);
  const axes = old ? attributeOf("axes") : inputs[3] === undefined ? [] : numbersOf(inputs[3]);
  if (axes === undefined) return undefined;
  const stated = old ? undefined : (inputs[1]?.dims?.[0] ?? inputs[2]?.dims?.[0]);
  const count = starts?.length ?? ends?.length ?? (axes.length > 0 ? axes.length : stated);
  if (typeof count !== "number" || count > rank) return undefined;
  const along = axes.length > 0 ? axes : Array.from({ length: count }, (_, k) => k);
  const numberAt = (values: readonly Dim[] | undefined, k: number, fallback: number | null) => {
    const value = values === undefined ? null : values.length === 0 ? fallback : values[k];
    return typeof value === "number" ? value : null;
  };
  if (steps?.includes(0)) throw new RangeError("a step cannot be 0");
  return new Map(
    fromFront(along, rank).map((axis, k) => [
      axis,
      { start: numberAt(starts, k, null), end: numberAt(ends, k, null), step: numberAt(steps, k, 1) },
    ]),
  );
}

function slicedLength(length: Dim, { start, end, step }: { [part in keyof Slice]: number | null }): Dim {
  if (start === null || end === null || step === null) return null;
  if (typeof length === "number") return placesTaken(length, { start, end, step }).count;
  return start === 0 && end >= endless && step === 1 ? length : null;
}

/** Indices below 0 count from the end; indices outside the axis are clamped. */
export function placesTaken(length: number, { start, end, step }: Slice): { first: number; count: number } {
  const clamped = (index: number, low: number, high: number) =>
    Math.min(Math.max(index < 0 ? index + length : index, low), high);
  const first = step > 0 ? clamped(start, 0, length) : clamped(start, 0, length - 1);
  const last = step > 0 ? clamped(end, 0, length) : clamped(end, -1, length - 1);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

/** Pads (negative ones crop): all in front, then all behind; an input since operator set 11. */
const pad: ShapeRule = ({ inputs: [x, pads, , axes], node: { attributes }, opset }) => {
  if (x?.dims === undefined) return [unknownLike(x)];
  const amounts =
    opset < 11 ? intsAttribute(attributes, opset < 2 ? "paddings" : "pads", []) : pads?.elements;
  const along = axes === undefined ? [...x.dims.keys()] : numbersOf(axes);
  if (amounts === undefined || along === undefined) return [{ dtype: x.dtype, dims: x.dims.map(() => null) }];
  if (amounts.length !== 2 * along.length) {
    throw new RangeError(`the pads [${amounts.join(", ")}] should be ${2 * along.length}`);
  }
  const dims = [...x.dims];
  for (const [k, axis] of fromFront(along, dims.length).entries()) {
    const length = sumOf([
      elementAt(dims, axis),
      elementAt(amounts, k),
      elementAt(amounts, k + along.length),
    ]);
    if (typeof length === "number" && length < 0)
      throw new RangeError(`axis ${axis} would be ${length} long`);
    dims[axis] = length;
  }
  return [{ dtype: x.dtype, dims }];
};

/** Used by rules that leave the shape of one input as it is. */
const shapedLike =
  (position: number): ShapeRule =>
  ({ inputs }) => [{ dtype: typeOf(inputs[0]), dims: inputs[position]?.dims }];

const gather: ShapeRule = ({ inputs: [x, indices], node }) => {
  if (x?.dims === undefined || indices?.dims === undefined) return [unknownLike(x)];
  const axis = axisFromFront(intAttribute(node.attributes, "axis", 0), x.dims.length);
  const from = x.dims;
  const dims = [...from.slice(0, axis), ...indices.dims, ...from.slice(axis + 1)];
  const rank = indices.dims.length;
  const elements = rearranged(x, dims, (index) => {
    const picked = knownAt(indices, index.slice(axis, axis + rank));
    if (typeof picked !== "number") return undefined;
    const length = fixedLength(from[axis]);
    const counted = picked < 0 ? picked + length : picked;
    if (!(counted >= 0 && counted < length))
      throw new RangeError(`there is no element ${picked} among ${length}`);
    return [...index.slice(0, axis), counted, ...index.slice(axis + rank)];
  });
  return [{ dtype: x.dtype, dims, elements }];
};

function knownAt(x: Known, index: readonly number[]): Dim {
  const dims = x.dims as readonly number[];
  return x.elements?.[index.reduce((position, k, axis) => position * elementAt(dims, axis) + k, 0)] ?? null;
}

const gatherND: ShapeRule = ({ inputs: [x, indices], node }) => {
  const tuple = indices?.dims?.at(-1);
  if (x?.dims === undefined || indices?.dims === undefined || typeof tuple !== "number")
    return [unknownLike(x)];
  const batch = intAttribute(node.attributes, "batch_dims", 0);
  return [{ dtype: x.dtype, dims: [...indices.dims.slice(0, -1), ...x.dims.slice(batch + tuple)] }];
};

/** As long along the axis as there are truths in the condition; without an axis x is flattened before. */
const compress: ShapeRule = ({ inputs: [x, condition], node: { attributes } }) => {
  const truths = numbersOf(condition)?.filter((value) => value !== 0).length ?? null;
  if (!("axis" in attributes)) return [{ dtype: typeOf(x), dims: [truths] }];
  if (x?.dims === undefined) return [unknownLike(x)];
  const along = axisFromFront(intAttribute(attributes, "axis", 0), x.dims.length);
  return [{ dtype: x.dtype, dims: x.dims.map((dim, axis) => (axis === along ? truths : dim)) }];
};

export const slicingRules: ShapeRules = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  GatherElements: shapedLike(1),
  GatherND: gatherND,
  Scatter: shapedLike(0),
  ScatterElements: shapedLike(0),
  ScatterND: shapedLike(0),
  ReverseSequence: shapedLike(0),
  Compress: compress,
};
