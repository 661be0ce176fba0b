import { intsAttribute } from "../builder.ts";
import { numbersOf, type ShapeContext } from "./known.ts";

/** Axes counted from the front. @throws RangeError for an axis that does not exist. */
export function fromFront(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => axisFromFront(axis, rank));
}

/** An axis counted from the front. @throws RangeError where it does not exist. */
export function axisFromFront(axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (counted >= 0 && counted < rank) return counted;
  throw new RangeError(`there is no axis ${axis} where there are ${rank}`);
}

/**
 * Axes from an input (newer operator sets) or the attribute; undefined where they are computed.
 * An empty list means none were given.
 */
export function axesOf({ node, inputs }: ShapeContext, position: number): readonly number[] | undefined {
  const given = inputs[position];
  return given === undefined ? intsAttribute(node.attributes, "axes", []) : numbersOf(given);
}
