import { elementAt, elementCount } from "@voxplain/core";
import { intAttribute, intsAttribute, type Window, windowOf } from "@voxplain/onnx-graph";
import { type RuleContext, unary } from "../rule.ts";
import { fitAxes, insertZeros } from "./zero-insertion.ts";

/** Each element of a window has an equal share of its cotangent; the padding has one too where it counts. */
export const averagePool = unary((g, dy) => {
  const kernel = intsAttribute(g.node.attributes, "kernel_shape", []);
  const window = windowOf(g.node.attributes, kernel, g.dims(g.x[0]).slice(2));
  const shares = shareOfWindow(g, window, g.lengths(g.x[0], 2), g.lengths(g.y[0], 2));
  return spreadOverWindows(g, g.emit("Mul", [dy, shares]), window);
});

/** Gives the number of a window, in a value shaped like y, to each of its elements: shaped like x, overlaps summed. */
export function spreadOverWindows(g: RuleContext, value: string, window: Window): string {
  const { kernel, strides, dilations, padsBefore } = window;
  const lengths = g.lengths(g.x[0], 2);
  const outputLengths = g.lengths(g.y[0], 2);
  // Tiles stand where their windows stood; overlapping windows are summed from where they begin.
  const tiled = kernel.every((size, axis) => size === elementAt(strides, axis) && dilations[axis] === 1);
  const spread = tiled
    ? repeat(g, value, outputLengths, kernel)
    : insertZeros(g, value, g.dims(g.y[0]), [1, 1, ...strides]);
  const reach = kernel.map((size, axis) => (tiled ? 0 : (size - 1) * elementAt(dilations, axis)));
  const before = reach.map((length, axis) => length - elementAt(padsBefore, axis));
  const after = outputLengths.map(
    (count, axis) =>
      elementAt(lengths, axis) - count * elementAt(strides, axis) + elementAt(padsBefore, axis),
  );
  const fitted = fitAxes(g, spread, [0, 0, ...before], [0, 0, ...after]);
  return tiled ? fitted : sumOfWindows(g, fitted, lengths, window);
}

/**
 * Times the number of elements, an average pooling of stride 1. (The product stands between a Pad
 * and the pooling, which ONNX Runtime would try to make one, and refuse for wide padding.)
 */
function sumOfWindows(g: RuleContext, value: string, lengths: readonly number[], window: Window): string {
  const { kernel, dilations } = window;
  const dilated = dilations.some((dilation) => dilation !== 1);
  if (dilated && g.opset < 19) return sumOfSlices(g, value, lengths, window);
  return g.emit("AveragePool", [g.emit("Mul", [value, g.float(elementCount(kernel))])], {
    kernel_shape: kernel,
    strides: kernel.map(() => 1),
    ...(dilated && { dilations }),
  });
}

/** The same axis by axis, for older operator sets: their AveragePool has no dilation. */
function sumOfSlices(
  g: RuleContext,
  value: string,
  lengths: readonly number[],
  { kernel, dilations }: Window,
): string {
  return kernel.reduce((current, size, axis) => {
    const shifted = Array.from({ length: size }, (_, tap) => tap * elementAt(dilations, axis)).map((start) =>
      g.emit("Slice", [
        current,
        ...[start, start + elementAt(lengths, axis), axis + 2].map((each) => g.int64([each])),
      ]),
    );
    return shifted.reduce((sum, part) => g.emit("Add", [sum, part]));
  }, value);
}

/** Along one axis, all windows together. */
const mostTaps = 2 ** 22;

/** 1 / (elements that a window's average is taken over), per window: a scalar, or [1, 1, …] where they differ. */
function shareOfWindow(
  g: RuleContext,
  { kernel, strides, dilations, padsBefore, padsAfter }: Window,
  lengths: readonly number[],
  outputLengths: readonly number[],
): string {
  const padded = intAttribute(g.node.attributes, "count_include_pad", 0) === 1;
  const counts = outputLengths.map((windows, axis) => {
    if (windows * elementAt(kernel, axis) > mostTaps)
      throw g.unsupported(`its windows of ${kernel[axis]} are too many`);
    const low = padded ? -elementAt(padsBefore, axis) : 0;
    const high = elementAt(lengths, axis) + (padded ? elementAt(padsAfter, axis) : 0);
    return Array.from({ length: windows }, (_, position) => {
      const start = position * elementAt(strides, axis) - elementAt(padsBefore, axis);
      const taps = Array.from(
        { length: elementAt(kernel, axis) },
        (_, tap) => start + tap * elementAt(dilations, axis),
      );
      return taps.filter((tap) => tap >= low && tap < high).length;
    });
  });
  if (counts.every((along, axis) => along.every((count) => count === kernel[axis])))
    return g.float(1 / elementCount(kernel));
  const factors = counts.map((along, axis) => {
    const dims = [1, 1, ...outputLengths.map((length, k) => (k === axis ? length : 1))];
    return g.float(
      along.map((count) => 1 / count),
      dims,
    );
  });
  return factors.reduce((product, factor) => g.emit("Mul", [product, factor]));
}

/** Repeats each element of [N, C, …lengths]; joining copies is the fastest way on the CPU, by far. */
function repeat(g: RuleContext, value: string, lengths: readonly number[], times: readonly number[]): string {
  let current = value;
  const done = [...lengths];
  for (let axis = lengths.length - 1; axis >= 0; axis--) {
    const apart = [0, 0, ...done.slice(0, axis + 1), 1, ...done.slice(axis + 1)];
    const column = g.emit("Reshape", [current, g.int64(apart)]);
    const copies = g.emit("Concat", new Array<string>(elementAt(times, axis)).fill(column), {
      axis: axis + 3,
    });
    done[axis] = elementAt(done, axis) * elementAt(times, axis);
    current = g.emit("Reshape", [copies, g.int64([0, 0, ...done])]);
  }
  return current;
}
