import type { AttributeValues } from "./builder.ts";
import type { OperatorName } from "./operator-name.ts";

/** What a formula adds its nodes with, whether it is a gradient, a lowering or a pass that is written. */
export interface Emitter {
  /** Version of the operator set that the nodes are written in. */
  readonly opset: number;
  /** Adds a node with one output and returns the output's name. */
  emit(opType: OperatorName, inputs: readonly string[], attributes?: AttributeValues): string;
  /** A scalar constant of the type that the formula computes in. */
  float(value: number): string;
  /** An int64 constant of shape [values.length]: a shape, axes, pads. */
  int64(values: readonly number[]): string;
}

/** A reduction over fixed axes; whether they are an input or an attribute depends on the operator set. */
export function reduce(
  g: Emitter,
  opType: "ReduceSum" | "ReduceMean",
  value: string,
  axes: readonly number[],
  keep: boolean,
): string {
  const keepdims = keep ? 1 : 0;
  const axesAreInput = opType === "ReduceSum" || g.opset >= 18;
  return axesAreInput
    ? g.emit(opType, [value, g.int64(axes)], { keepdims })
    : g.emit(opType, [value], { axes, keepdims });
}
