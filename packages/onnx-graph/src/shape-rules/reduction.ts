import type { DType } from "@voxplain/core";
import { intAttribute, intsAttribute } from "../builder.ts";
import type { ShapeContext, ShapeRule } from "./known.ts";

/**
 * Axes from the input (newer operator sets) or the attribute; undefined where they are computed.
 * An empty list means none were given.
 */
export function axesOf({ node, inputs }: ShapeContext, position: number): readonly number[] | undefined {
  const given = inputs[position];
  if (given === undefined) return intsAttribute(node.attributes, "axes", []);
  return given.elements?.every((axis) => typeof axis === "number") ? (given.elements as number[]) : undefined;
}

/** Axes counted from the front. @throws RangeError for an axis that does not exist. */
export function fromFront(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => {
    const counted = axis < 0 ? axis + rank : axis;
    if (!(counted >= 0 && counted < rank)) throw new RangeError(`there is no axis ${axis} among ${rank}`);
    return counted;
  });
}

const reduce: ShapeRule = (context) => {
  const { node, inputs } = context;
  const [x] = inputs;
  const dtype = x?.dtype ?? "float32";
  const axes = axesOf(context, 1);
  if (x?.dims === undefined || axes === undefined) return [{ dtype, dims: undefined }];
  if (axes.length === 0 && intAttribute(node.attributes, "noop_with_empty_axes", 0) === 1) return [x];
  const reduced = new Set(axes.length === 0 ? x.dims.keys() : fromFront(axes, x.dims.length));
  const keep = intAttribute(node.attributes, "keepdims", 1) === 1;
  const dims = keep
    ? x.dims.map((dim, axis) => (reduced.has(axis) ? 1 : dim))
    : x.dims.filter((_, axis) => !reduced.has(axis));
  return [{ dtype, dims }];
};

const extremum: ShapeRule = ({ inputs: [x], node }) => {
  const axis = fromFront([intAttribute(node.attributes, "axis", 0)], x?.dims?.length ?? 1)[0]!;
  const keep = intAttribute(node.attributes, "keepdims", 1) === 1;
  const dims = x?.dims?.flatMap((dim, k) => (k !== axis ? [dim] : keep ? [1] : []));
  return [{ dtype: "int64" satisfies DType, dims }];
};

export const reductionShapes: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(
    "Sum Mean Max Min Prod L1 L2 LogSum LogSumExp SumSquare"
      .split(" ")
      .map((name) => [`Reduce${name}`, reduce]),
  ),
  ArgMax: extremum,
  ArgMin: extremum,
};
