import { elementAt } from "@voxplain/core";
import { intAttribute, type Window, windowOf } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, inputOf, type RuleContext } from "../rule.ts";
import { transposedConvolution } from "./transposed-convolution.ts";
import { fitAxes, flip, insertZeros } from "./zero-insertion.ts";

/**
 * The gradient of a convolution at its input is a convolution of the cotangent with the weights
 * mirrored in space and with in- and output channels exchanged. The mirrored weights are nodes on
 * the forward ones: ONNX Runtime computes them once, and the file holds the weights once.
 */
const convolution: GradientRule = (g, [dy]) => {
  if (g.wants(1) || g.wants(2)) throw g.unsupported("its weights are not fixed");
  if (dy === undefined || !g.wants(0)) return [];
  const kernel = g.lengths(inputOf(g, 1), 2);
  const window = windowOf(g.node.attributes, kernel, g.dims(g.x[0]).slice(2));
  if (window.strides.every((stride) => stride === 1)) {
    const { padsAfter, dilations } = window;
    const after = kernel.map(
      (size, axis) => (size - 1) * elementAt(dilations, axis) - elementAt(padsAfter, axis),
    );
    return [correlate(g, dy, window, after)];
  }
  const group = intAttribute(g.node.attributes, "group", 1);
  const byPhases = group === 1 && window.dilations.every((dilation) => dilation === 1);
  return [byPhases ? stridedByPhases(g, dy, window) : stridedByZeros(g, dy, window)];
};

/**
 * dx[i] = Σₖ w[k]·dy[i + p − k·d] for stride 1: a convolution with (size − 1)·d − p zeros in front.
 * `after` is how many zeros it takes behind to give dx its length.
 */
function correlate(g: RuleContext, dy: string, window: Window, after: readonly number[]): string {
  const { kernel, dilations, padsBefore } = window;
  const group = intAttribute(g.node.attributes, "group", 1);
  const before = kernel.map(
    (size, axis) => (size - 1) * elementAt(dilations, axis) - elementAt(padsBefore, axis),
  );
  // The padding of a Conv cannot be negative: what would be cut off is cut off before.
  const negative = (amounts: readonly number[]) => [0, 0, ...amounts.map((amount) => Math.min(0, amount))];
  const cropped = fitAxes(g, dy, negative(before), negative(after));
  return g.emit("Conv", [cropped, mirrored(g, inputOf(g, 1), group)], {
    kernel_shape: kernel,
    dilations,
    group,
    pads: [...before, ...after].map((amount) => Math.max(0, amount)),
    strides: kernel.map(() => 1),
  });
}

/** Weights [Co, Ci/G, …] → [Ci, Co/G, …], mirrored in space. */
function mirrored(g: RuleContext, weight: string, group: number): string {
  const [outputs, inputs, ...kernel] = g.lengths(weight) as [number, number, ...number[]];
  const spatial = kernel.map((_, axis) => axis + 2);
  if (group === 1) return flip(g, g.emit("Transpose", [weight], { perm: [1, 0, ...spatial] }), spatial);
  const grouped = g.emit("Reshape", [weight, g.int64([group, outputs / group, inputs, ...kernel])]);
  const exchanged = g.emit("Transpose", [grouped], { perm: [0, 2, 1, ...spatial.map((axis) => axis + 1)] });
  const joined = g.emit("Reshape", [exchanged, g.int64([group * inputs, outputs / group, ...kernel])]);
  return flip(g, joined, spatial);
}

/** A stride puts zeros between the elements of the cotangent; then it is a convolution of stride 1. */
function stridedByZeros(g: RuleContext, dy: string, window: Window): string {
  const { strides, padsBefore } = window;
  const lengths = g.lengths(g.x[0], 2);
  const spread = insertZeros(g, dy, g.dims(g.y[0]), [1, 1, ...strides]);
  const after = g
    .lengths(g.y[0], 2)
    .map(
      (length, axis) =>
        elementAt(lengths, axis) - length * elementAt(strides, axis) + elementAt(padsBefore, axis),
    );
  return correlate(g, spread, window, after);
}

/**
 * With a stride s, the elements of the gradient fall into s phases per axis, each a convolution of
 * its own with every s-th weight: position s·q + r takes the weights r, r + s, r + 2s, … All phases
 * are computed by one convolution with s^n times the channels, and then interleaved. It multiplies
 * with no inserted zeros: more than twice as fast as zero insertion on the CPU.
 */
function stridedByPhases(g: RuleContext, dy: string, { kernel, strides, padsBefore }: Window): string {
  const weight = inputOf(g, 1);
  const [outputs, inputs] = g.lengths(weight) as [number, number, ...number[]];
  const lengths = g.lengths(g.x[0], 2);
  const rank = kernel.length;
  const axes = kernel.map((_, axis) => axis);
  const taps = kernel.map((size, axis) => Math.ceil(size / elementAt(strides, axis)));

  // [Co, Ci, k…] → [Co, Ci, taps, s, taps, s, …] → [s…, Ci, Co, taps…] → [s^n·Ci, Co, taps…]
  const missing = kernel.map((size, axis) => elementAt(taps, axis) * elementAt(strides, axis) - size);
  const whole = fitAxes(g, weight, new Array(rank + 2).fill(0), [0, 0, ...missing]);
  const apart = g.emit("Reshape", [
    whole,
    g.int64([outputs, inputs, ...axes.flatMap((axis) => [elementAt(taps, axis), elementAt(strides, axis)])]),
  ]);
  const byPhase = g.emit("Transpose", [apart], {
    perm: [...axes.map((axis) => 2 * axis + 3), 1, 0, ...axes.map((axis) => 2 * axis + 2)],
  });
  const phases = strides.reduce((product, stride) => product * stride, 1);
  const stacked = g.emit("Reshape", [byPhase, g.int64([phases * inputs, outputs, ...taps])]);
  const spatial = axes.map((axis) => axis + 2);
  const positions = g.lengths(g.y[0], 2).map((length, axis) => length + elementAt(taps, axis) - 1);
  const computed = g.emit("Conv", [dy, flip(g, stacked, spatial)], {
    kernel_shape: taps,
    pads: [...taps, ...taps].map((size) => size - 1),
    strides: axes.map(() => 1),
  });

  // [N, s^n·Ci, q…] → [N, s…, Ci, q…] → [N, Ci, q, s, q, s, …] → [N, Ci, q·s, …]
  const unstacked = g.emit("Reshape", [computed, g.int64([0, ...strides, inputs, ...positions])]);
  const interleaved = g.emit("Transpose", [unstacked], {
    perm: [0, rank + 1, ...axes.flatMap((axis) => [rank + 2 + axis, 1 + axis])],
  });
  const spread = positions.map((count, axis) => count * elementAt(strides, axis));
  const joined = g.emit("Reshape", [interleaved, g.int64([0, inputs, ...spread])]);
  const before = padsBefore.map((amount) => -amount);
  const after = lengths.map((length, axis) => elementAt(padsBefore, axis) + length - elementAt(spread, axis));
  return fitAxes(g, joined, [0, 0, ...before], [0, 0, ...after]);
}

export const convolutionRules: GradientRules = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
};
