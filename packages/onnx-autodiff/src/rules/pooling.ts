import { elementAt } from "@voxplain/core";
import { intAttribute, intsAttribute, type Window, windowOf } from "@voxplain/onnx-graph";
import { type GradientRules, inputOf, type RuleContext, unary } from "../rule.ts";
import { averagePool } from "./average-pooling.ts";
import { globalLpPool, lpPool } from "./norm-pooling.ts";
import { elementsAlong } from "./reduction.ts";

/**
 * The cotangent of a window goes to its first maximum in scan order (last axis fastest), which is
 * what ONNX's Indices say on the CPU, and what PyTorch does.
 */
const maxPool = unary((g, dy) => {
  const kernelShape = intsAttribute(g.node.attributes, "kernel_shape", []);
  const window = windowOf(g.node.attributes, kernelShape, g.dims(g.x[0]).slice(2));
  const { kernel, strides, dilations, padsBefore } = window;
  const indices = g.extraOutput(1);
  if (intAttribute(g.node.attributes, "storage_order", 0) === 1) return scatterByColumns(g, dy, indices);
  const apart = kernel.every((size, axis) => elementAt(strides, axis) >= size && dilations[axis] === 1);
  // Where windows overlap, an element can be the maximum of several, and takes the sum.
  if (!apart) return scatterAdd(g, dy, indices);
  return g.emit("MaxUnpool", [dy, indices, g.shapeOf(g.x[0])], {
    kernel_shape: kernel,
    strides,
    pads: [...padsBefore, ...padsAfterWithOverhang(g, window)],
  });
});

/** ceil_mode lets the last window reach beyond the padding; MaxUnpool has to hear of that as padding. */
function padsAfterWithOverhang(g: RuleContext, window: Window): readonly number[] {
  const { kernel, strides, padsBefore, padsAfter } = window;
  if (intAttribute(g.node.attributes, "ceil_mode", 0) === 0) return padsAfter;
  const lengths = g.lengths(g.x[0], 2);
  return g.lengths(g.y[0], 2).map((count, axis) => {
    const end =
      (count - 1) * elementAt(strides, axis) + elementAt(kernel, axis) - elementAt(padsBefore, axis);
    return Math.max(elementAt(padsAfter, axis), end - elementAt(lengths, axis));
  });
}

/** Each element goes back to where it was put. (Where two were put in one place, ONNX leaves y open.) */
const maxUnpool = unary((g, dy) => {
  const flat = g.emit("Reshape", [dy, g.int64([-1])]);
  return g.emit("Gather", [flat, inputOf(g, 1)], { axis: 0 });
});

function scatterAdd(g: RuleContext, updates: string, indices: string, shape = g.shapeOf(g.x[0])): string {
  const flat = (value: string) => g.emit("Reshape", [value, g.int64([-1])]);
  const zeros = g.zeros(g.emit("ReduceProd", [shape], { keepdims: 1 }));
  const add = { axis: 0, reduction: "add" };
  return g.emit("Reshape", [g.emit("ScatterElements", [zeros, flat(indices), flat(updates)], add), shape]);
}

/** Indices that count the first axis of space fastest are those of an image whose axes are reversed. */
function scatterByColumns(g: RuleContext, updates: string, indices: string): string {
  const axes = [...g.dims(g.x[0]).keys()];
  const reversed = [0, 1, ...axes.slice(2).toReversed()];
  const shape = g.emit("Gather", [g.shapeOf(g.x[0]), g.int64(reversed)], { axis: 0 });
  return g.emit("Transpose", [scatterAdd(g, updates, indices, shape)], { perm: reversed });
}

const globalAveragePool = unary((g, dy) => {
  const axes = g.dims(g.x[0]).map((_, axis) => axis);
  const share = g.emit("Div", [dy, elementsAlong(g, axes.slice(2))]);
  return g.emit("Expand", [share, g.shapeOf(g.x[0])]);
});

/** All of it to the first maximum. */
const globalMaxPool = unary((g, dy) => {
  const rows = g.int64([0, 0, -1]);
  const x = g.emit("Reshape", [g.x[0], rows]);
  const first = g.emit("ArgMax", [x], { axis: 2, keepdims: 1 });
  const zeros = g.zeros(g.emit("Shape", [x]));
  const scattered = g.emit("ScatterElements", [zeros, first, g.emit("Reshape", [dy, rows])], { axis: 2 });
  return g.emit("Reshape", [scattered, g.shapeOf(g.x[0])]);
});

export const poolingRules: GradientRules = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  MaxUnpool: maxUnpool,
  GlobalAveragePool: globalAveragePool,
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: globalMaxPool,
};
