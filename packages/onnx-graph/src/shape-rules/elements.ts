import { type DType, elementAt, elementCount, rowMajorStrides } from "@voxplain/core";
import type { Dim } from "../model.ts";
import { type Known, mostElements } from "./known.ts";

/**
 * The elements of a small tensor made by moving those of another: `source` gives the index in `x`
 * of the element at an index of the result, or undefined where that is not known.
 */
export function rearranged(
  x: Known | undefined,
  dims: readonly Dim[] | undefined,
  source: (index: readonly number[]) => readonly number[] | undefined,
): readonly Dim[] | undefined {
  const elements = x?.elements;
  if (elements === undefined || x?.dims === undefined || !isSmall(dims)) return undefined;
  const strides = rowMajorStrides(x.dims as readonly number[]);
  const target = rowMajorStrides(dims);
  return Array.from({ length: elementCount(dims) }, (_, position) => {
    const index = dims.map((length, axis) => Math.floor(position / elementAt(target, axis)) % length);
    const found = source(index);
    if (found === undefined) return null;
    return elements[found.reduce((sum, step, axis) => sum + step * elementAt(strides, axis), 0)] ?? null;
  });
}

function isSmall(dims: readonly Dim[] | undefined): dims is readonly number[] {
  if (dims === undefined || !dims.every((dim) => typeof dim === "number")) return false;
  return elementCount(dims) <= mostElements;
}

/** The elements of a tensor broadcast to a shape. */
export function broadcastElements(
  x: Known | undefined,
  dims: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  const own = x?.dims ?? [];
  return rearranged(x, dims, (index) =>
    own.map((length, axis) => (length === 1 ? 0 : elementAt(index, axis + index.length - own.length))),
  );
}

/** Computes element by element with broadcasting, as far as the elements are known. */
export function computed(
  f: (...values: readonly Dim[]) => Dim,
  inputs: readonly (Known | undefined)[],
  dims: readonly Dim[] | undefined,
  dtype: DType,
): readonly Dim[] | undefined {
  const columns = inputs.map((input) => broadcastElements(input, dims));
  const [first] = columns;
  if (first === undefined || !columns.every((column) => column !== undefined)) return undefined;
  return first.map((_, k) => rounded(dtype, f(...columns.map((column) => elementAt(column, k)))));
}

/** A value as its type can hold it; symbols and unknowns stay. */
export function rounded(dtype: DType, value: Dim): Dim {
  if (typeof value !== "number") return value;
  if (dtype === "float64") return value;
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "bool") return Number(value !== 0);
  if (dtype === "float16" || dtype === "bfloat16") return null;
  return Number.isFinite(value) ? Math.trunc(value) : null;
}
