import type { DType, Tensor } from "@voxplain/core";
import type { Dim, Node } from "../model.ts";

/** What a rule knows of a value: its type, its axes, and its elements where they are constant. */
export interface Known {
  readonly dtype: DType;
  readonly dims: readonly Dim[] | undefined;
  /** Elements of a small integer tensor, such as a shape; an element may be a symbol or unknown. */
  readonly elements?: readonly Dim[] | undefined;
}

export interface ShapeContext {
  readonly node: Node;
  /** Version of the operator set in use. */
  readonly opset: number;
  /** undefined where the input is left out. */
  readonly inputs: readonly (Known | undefined)[];
}

/** Gives what is known of each output of a node. */
export type ShapeRule = (context: ShapeContext) => readonly Known[];

/** Shapes, axes and the like have at most this many elements; longer constants are not looked into. */
const mostElements = 64;

/** What a constant says of itself. */
export function knownOf(value: Tensor): Known {
  const integers = value.dtype === "int64" || value.dtype === "int32";
  const elements = integers && value.data.length <= mostElements ? Array.from(value.data, Number) : undefined;
  return { dtype: value.dtype, dims: value.dims, elements };
}
