import { elementAt } from "@voxplain/core";
import { type Dim, reduce } from "@voxplain/onnx-graph";
import type { RuleContext } from "./rule.ts";

/** Sums a cotangent of axes `from` over those along which the value `to` was broadcast to them. */
export function unbroadcast(g: RuleContext, cotangent: string, from: readonly Dim[], to: string): string {
  const dims = g.dims(to);
  const added = from.length - dims.length;
  const pairs = dims.map((own, axis) => ({ axis, own, wide: elementAt(from, added + axis) }));
  // An axis that may or may not be 1 is looked at when the graph runs.
  if (pairs.some(({ own, wide }) => own !== 1 && (own !== wide || own === null))) {
    return unbroadcastAtRunTime(g, cotangent, added, to);
  }
  const leading = from.slice(0, added).map((_, axis) => axis);
  const stretched = pairs.filter(({ own, wide }) => own === 1 && wide !== 1).map(({ axis }) => axis);
  const flat = leading.length === 0 ? cotangent : reduce(g, "ReduceSum", cotangent, leading, false);
  return stretched.length === 0 ? flat : reduce(g, "ReduceSum", flat, stretched, true);
}

/** Sums over every axis that has the length 1 in `to`, which changes nothing where it was 1 before. */
function unbroadcastAtRunTime(g: RuleContext, cotangent: string, added: number, to: string): string {
  const shape = g.shapeOf(to);
  const ones = new Array<number>(added).fill(1);
  const aligned = added === 0 ? shape : g.emit("Concat", [g.int64(ones), shape], { axis: 0 });
  const isOne = g.emit("Equal", [aligned, g.int64([1])]);
  const axes = g.emit("Reshape", [g.emit("NonZero", [isOne]), g.int64([-1])]);
  const sum = g.emit("ReduceSum", [cotangent, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  return g.emit("Reshape", [sum, shape]);
}
