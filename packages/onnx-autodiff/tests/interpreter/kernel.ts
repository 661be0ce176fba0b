import type { Attributes } from "@voxplain/onnx-graph";
import type { NdArray } from "./array.ts";

export interface Call {
  /** Inputs that are there; undefined where one is left out. */
  readonly x: readonly (NdArray | undefined)[];
  readonly attributes: Attributes;
  readonly opset: number;
  /** How many outputs the node names. */
  readonly outputs: number;
}

/** One operator, written as its definition reads, with loops. */
export type Kernel = (call: Call) => readonly NdArray[];

export function numbersOf(value: NdArray | undefined): number[] | undefined {
  return value && Array.from(value.data);
}

export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
