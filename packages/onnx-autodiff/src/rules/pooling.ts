import { tensor } from "@voxplain/core";
import { intAttribute, intsAttribute, type Window, windowOf } from "@voxplain/onnx-graph";
import { type GradientRules, type RuleContext, unary } from "../rule.ts";
import { fitAxes, insertZeros } from "./zero-insertion.ts";

function poolingWindow(g: RuleContext): Window {
  const kernel = intsAttribute(g.node.attributes, "kernel_shape", []);
  return windowOf(g.node.attributes, kernel, g.dims(g.x[0]!).slice(2));
}

/**
 * The cotangent of a window goes to its first maximum in scan order (last axis fastest), which is
 * what ONNX's Indices say on the CPU, and what PyTorch does.
 */
const maxPool = unary((g, dy) => {
  if (intAttribute(g.node.attributes, "storage_order", 0) === 1)
    throw g.unsupported("its storage order is by columns");
  const { kernel, strides, dilations, padsBefore, padsAfter } = poolingWindow(g);
  const indices = g.extraOutput(1);
  const apart = kernel.every((size, axis) => strides[axis]! >= size && dilations[axis] === 1);
  if (apart) {
    return g.emit("MaxUnpool", [dy, indices, g.shapeOf(g.x[0]!)], {
      kernel_shape: kernel,
      strides,
      pads: [...padsBefore, ...padsAfter],
    });
  }
  // Windows overlap: an element can be the maximum of several, and takes the sum.
  return scatterAdd(g, dy, indices);
});

function scatterAdd(g: RuleContext, updates: string, indices: string): string {
  const flat = (value: string) => g.emit("Reshape", [value, g.int64([-1])]);
  const shape = g.shapeOf(g.x[0]!);
  const count = g.emit("ReduceProd", [shape], { keepdims: 1 });
  const zeros = g.emit("ConstantOfShape", [count], {
    value: { tensor: tensor("float32", [1], Float32Array.of(0)) },
  });
  const sums = g.emit("ScatterElements", [zeros, flat(indices), flat(updates)], {
    axis: 0,
    reduction: "add",
  });
  return g.emit("Reshape", [sums, shape]);
}

/** Each element of a window has an equal share; padding has one too where it counts. */
const averagePool = unary((g, dy) => {
  const window = poolingWindow(g);
  const { kernel, strides, dilations, padsBefore } = window;
  if (dilations.some((dilation) => dilation !== 1)) throw g.unsupported("it is dilated");
  const lengths = g.lengths(g.x[0]!, 2);
  const outputLengths = g.lengths(g.y[0]!, 2);
  const shares = g.emit("Mul", [dy, shareOfWindow(g, window, lengths, outputLengths)]);
  const tiled = kernel.every((size, axis) => size === strides[axis]!);
  if (tiled) {
    const repeated = repeat(g, shares, outputLengths, kernel);
    const spread = outputLengths.map((length, axis) => length * kernel[axis]!);
    return fitAxes(
      g,
      repeated,
      spread,
      padsBefore.map((amount) => -amount),
      lengths.map((length, axis) => padsBefore[axis]! + length - spread[axis]!),
    );
  }
  // The sum over the windows that hold an element: an average pooling of stride 1, times their size.
  const spread = insertZeros(g, shares, outputLengths, strides);
  const before = kernel.map((size, axis) => size - 1 - padsBefore[axis]!);
  const after = lengths.map(
    (length, axis) => length - spread.lengths[axis]! - before[axis]! + kernel[axis]! - 1,
  );
  const fitted = fitAxes(g, spread.value, spread.lengths, before, after);
  const means = g.emit("AveragePool", [fitted], { kernel_shape: kernel, strides: kernel.map(() => 1) });
  return g.emit("Mul", [means, g.scalar(kernel.reduce((product, size) => product * size, 1))]);
});

/** 1 / (elements that a window's average is taken over), per window: a scalar, or [1, 1, …] where they differ. */
function shareOfWindow(
  g: RuleContext,
  { kernel, strides, padsBefore, padsAfter }: Window,
  lengths: readonly number[],
  outputLengths: readonly number[],
): string {
  const padded = intAttribute(g.node.attributes, "count_include_pad", 0) === 1;
  const counts = outputLengths.map((count, axis) =>
    Array.from({ length: count }, (_, position) => {
      const start = position * strides[axis]! - padsBefore[axis]!;
      const low = padded ? -padsBefore[axis]! : 0;
      const high = lengths[axis]! + (padded ? padsAfter[axis]! : 0);
      return Math.min(start + kernel[axis]!, high) - Math.max(start, low);
    }),
  );
  const size = kernel.reduce((product, length) => product * length, 1);
  if (counts.every((along, axis) => along.every((count) => count === kernel[axis])))
    return g.scalar(1 / size);
  return counts
    .map((along, axis) => {
      const dims = [1, 1, ...outputLengths.map((length, k) => (k === axis ? length : 1))];
      return g.constant(
        tensor(
          "float32",
          dims,
          Float32Array.from(along, (count) => 1 / count),
        ),
      );
    })
    .reduce((product, factor) => g.emit("Mul", [product, factor]));
}

/** Repeats each element of [N, C, …lengths]; joining copies is the fastest way on the CPU, by far. */
function repeat(g: RuleContext, value: string, lengths: readonly number[], times: readonly number[]): string {
  let current = value;
  const done = [...lengths];
  for (let axis = lengths.length - 1; axis >= 0; axis--) {
    const apart = [0, 0, ...done.slice(0, axis + 1), 1, ...done.slice(axis + 1)];
    const column = g.emit("Reshape", [current, g.int64(apart)]);
    const copies = g.emit("Concat", new Array<string>(times[axis]!).fill(column), { axis: axis + 3 });
    done[axis] = done[axis]! * times[axis]!;
    current = g.emit("Reshape", [copies, g.int64([0, 0, ...done])]);
  }
  return current;
}

const globalAveragePool = unary((g, dy) => {
  const count = g.lengths(g.x[0]!, 2).reduce((product, length) => product * length, 1);
  return g.emit("Expand", [g.emit("Mul", [dy, g.scalar(1 / count)]), g.shapeOf(g.x[0]!)]);
});

/** All of it to the first maximum. */
const globalMaxPool = unary((g, dy) => {
  const rows = g.int64([0, 0, -1]);
  const x = g.emit("Reshape", [g.x[0]!, rows]);
  const first = g.emit("ArgMax", [x], { axis: 2, keepdims: 1, select_last_index: 0 });
  const zeros = g.emit("ConstantOfShape", [g.emit("Shape", [x])]);
  const scattered = g.emit("ScatterElements", [zeros, first, g.emit("Reshape", [dy, rows])], { axis: 2 });
  return g.emit("Reshape", [scattered, g.shapeOf(g.x[0]!)]);
});

export const poolingRules: GradientRules = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
};
