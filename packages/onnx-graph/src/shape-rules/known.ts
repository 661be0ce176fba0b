import type { DType, Tensor } from "@voxplain/core";
import type { Dim, Node } from "../model.ts";
import type { ByOperator } from "../operator-name.ts";

/** What a rule knows of a value: its type, its axes, and its elements where they are constant. */
export interface Known {
  readonly dtype: DType;
  readonly dims: readonly Dim[] | undefined;
  /**
   * Elements, row-major, of a small constant or computed tensor such as a shape; one of them may be a
   * symbol or unknown. Truth is 1 and 0. Where there are any, the axes are all numbers.
   */
  readonly elements?: readonly Dim[] | undefined;
}

export interface ShapeContext {
  readonly node: Node;
  /** Version of the operator set in use. */
  readonly opset: number;
  /** undefined where the input is left out. */
  readonly inputs: readonly (Known | undefined)[];
}

/**
 * Gives what is known of each output of a node.
 * @throws RangeError saying what does not fit; the caller names the node and its shapes.
 */
export type ShapeRule = (context: ShapeContext) => readonly Known[];

export type ShapeRules = ByOperator<ShapeRule>;

/** Shapes, axes and the like have at most this many elements; longer constants are not looked into. */
export const mostElements = 64;

/** What a constant says of itself. */
export function knownOf(value: Tensor): Known {
  const { dtype, dims, data } = value;
  const rawBits = dtype === "float16" || dtype === "bfloat16";
  if (rawBits || data.length > mostElements) return { dtype, dims };
  return { dtype, dims, elements: Array.from(data, Number) };
}

export function typeOf(x: Known | undefined): DType {
  return x?.dtype ?? "float32";
}

/** A value of the input's type of which nothing else is known. */
export function unknownLike(x: Known | undefined): Known {
  return { dtype: typeOf(x), dims: undefined };
}

/** All elements as numbers, or undefined where one of them is not known. */
export function numbersOf(value: Known | undefined): readonly number[] | undefined {
  return value?.elements?.every((element) => typeof element === "number") ? value.elements : undefined;
}

/** The axes that a tensor of lengths describes: at least how many there are, where that is known. */
export function dimsFrom(shape: Known | undefined): readonly Dim[] | undefined {
  if (shape?.elements !== undefined) {
    if (shape.elements.some((length) => typeof length === "number" && !(length >= 0))) {
      throw new RangeError(`[${shape.elements.join(", ")}] is not a shape`);
    }
    return shape.elements;
  }
  const rank = shape?.dims?.[0];
  return typeof rank === "number" && rank <= mostElements ? new Array<Dim>(rank).fill(null) : undefined;
}
