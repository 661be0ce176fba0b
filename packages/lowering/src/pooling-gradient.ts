import { elementAt } from "@voxplain/core";
import type { Node, Window } from "@voxplain/onnx-graph";
import type { Rewriting } from "./rewrite.ts";

/** The gradient of a max-pooling, with what is needed to compute it from the windows themselves. */
export interface PoolingGradient {
  readonly pooling: Node;
  /** Which the gradient's nodes are named after. */
  readonly original: Node;
  readonly window: Window;
  readonly opset: number;
  readonly channels: number;
  /** Spatial lengths of the pooled value and of the result. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** The cotangent of the pooled value, [N, C, …output]. */
  readonly cotangent: string;
  /** What the gradient is called, [N, C, …input]. */
  readonly result: string;
}

/**
 * Adds elements of a value before and after the spatial axes of [N, C, …], or takes elements off where
 * the amounts are negative.
 */
export function fitSpatial(
  { builder, add }: Rewriting,
  node: Node,
  x: string,
  [before, after]: readonly [readonly number[], readonly number[]],
  value = 0,
): string {
  const cut = before.flatMap((amount, axis) => {
    const [front, back] = [Math.max(0, -amount), Math.max(0, -elementAt(after, axis))];
    return front + back === 0 ? [] : [{ axis: axis + 2, front, end: back === 0 ? 2 ** 31 - 1 : -back }];
  });
  const kept =
    cut.length === 0
      ? x
      : add(node, "Slice", [
          x,
          builder.int64(cut.map(({ front }) => front)),
          builder.int64(cut.map(({ end }) => end)),
          builder.int64(cut.map(({ axis }) => axis)),
        ]);
  const more = [before, after].map((amounts) => [0, 0, ...amounts.map((amount) => Math.max(0, amount))]);
  if (more.flat().every((amount) => amount === 0)) return kept;
  const pads = builder.int64(more.flat());
  return add(node, "Pad", value === 0 ? [kept, pads] : [kept, pads, builder.scalar(value)], {
    mode: "constant",
  });
}

/** The least number of float32: padding that never wins. Shaders need not know −∞. */
export const lowest = -(2 - 2 ** -23) * 2 ** 127;
