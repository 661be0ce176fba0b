import { intAttribute, windowOf } from "@voxplain/onnx-graph";
import type { GradientRule, GradientRules, RuleContext } from "../rule.ts";
import { padZeros } from "./movement.ts";
import { fitAxes, insertZeros } from "./zero-insertion.ts";

/**
 * The gradient of a convolution at its input is a convolution of the cotangent with the weights
 * mirrored in space and with in- and output channels exchanged; a stride puts zeros between the
 * cotangent's elements first. The mirrored weights are nodes on the forward ones: ONNX Runtime
 * computes them once, and the file holds the weights once.
 */
const convolution: GradientRule = (g, [dy]) => {
  if (g.wants(1) || g.wants(2)) throw g.unsupported("its weights depend on the input");
  if (dy === undefined) return [];
  const [x, weight] = g.x as [string, string];
  const lengths = g.lengths(x, 2);
  const outputLengths = g.lengths(g.y[0]!, 2);
  const kernel = g.lengths(weight, 2);
  const group = intAttribute(g.node.attributes, "group", 1);
  const { strides, dilations, padsBefore } = windowOf(g.node.attributes, kernel, lengths);
  const plain = group === 1 && dilations.every((dilation) => dilation === 1);
  if (plain && strides.some((stride) => stride > 1)) {
    return [stridedByPhases(g, dy, weight, { lengths, outputLengths, kernel, strides, padsBefore })];
  }
  const spread = insertZeros(g, dy, outputLengths, strides);
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]!);
  const before = reach.map((length, axis) => length - padsBefore[axis]!);
  const after = lengths.map((length, axis) => length - spread.lengths[axis]! - before[axis]! + reach[axis]!);
  // Padding of a Conv cannot be negative: what would be cut off is cut off before.
  const cropped = fitAxes(
    g,
    spread.value,
    spread.lengths,
    before.map((amount) => Math.min(0, amount)),
    after.map((amount) => Math.min(0, amount)),
  );
  const positive = (amount: number) => Math.max(0, amount);
  return [
    g.emit("Conv", [cropped, mirrored(g, weight, group)], {
      kernel_shape: kernel,
      dilations,
      group,
      pads: [...before.map(positive), ...after.map(positive)],
      strides: kernel.map(() => 1),
    }),
  ];
};

/** Weights [Co, Ci/G, …] → [Ci, Co/G, …], mirrored in space. */
function mirrored(g: RuleContext, weight: string, group: number): string {
  const [outputs, inputs, ...kernel] = g.lengths(weight) as [number, number, ...number[]];
  const spatial = kernel.map((_, k) => k + 2);
  if (group === 1) return flip(g, g.emit("Transpose", [weight], { perm: [1, 0, ...spatial] }), spatial);
  const grouped = g.emit("Reshape", [weight, g.int64([group, outputs / group, inputs, ...kernel])]);
  const exchanged = g.emit("Transpose", [grouped], { perm: [0, 2, 1, ...spatial.map((axis) => axis + 1)] });
  return flip(
    g,
    g.emit("Reshape", [exchanged, g.int64([group * inputs, outputs / group, ...kernel])]),
    spatial,
  );
}

/** Reverses axes. */
function flip(g: RuleContext, value: string, axes: readonly number[]): string {
  const all = (number: number) => g.int64(axes.map(() => number));
  return g.emit("Slice", [value, all(-1), all(-(2 ** 31)), g.int64(axes), all(-1)]);
}

interface Strided {
  readonly lengths: readonly number[];
  readonly outputLengths: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly padsBefore: readonly number[];
}

/**
 * With a stride s, the elements of the gradient fall into s phases per axis, each a convolution of
 * its own with every s-th weight: position s·q + r takes the weights r, r + s, r + 2s, … All phases
 * are computed by one convolution with s^n times the channels, and then interleaved. It multiplies
 * with no inserted zeros: 2.5 times faster than zero insertion on the CPU.
 */
function stridedByPhases(g: RuleContext, dy: string, weight: string, strided: Strided): string {
  const { lengths, outputLengths, kernel, strides, padsBefore } = strided;
  const [outputs, inputs] = g.lengths(weight) as [number, number, ...number[]];
  const rank = kernel.length;
  const axes = kernel.map((_, axis) => axis);
  const taps = kernel.map((size, axis) => Math.ceil(size / strides[axis]!));

  // [Co, Ci, k…] → [Co, Ci, taps, s, taps, s, …] → [s…, Ci, Co, taps…] → [s^n·Ci, Co, taps…]
  const whole = padZeros(g, weight, new Array(rank + 2).fill(0), [
    0,
    0,
    ...kernel.map((size, axis) => taps[axis]! * strides[axis]! - size),
  ]);
  const apart = g.emit("Reshape", [
    whole,
    g.int64([outputs, inputs, ...axes.flatMap((axis) => [taps[axis]!, strides[axis]!])]),
  ]);
  const byPhase = g.emit("Transpose", [apart], {
    perm: [...axes.map((axis) => 2 * axis + 3), 1, 0, ...axes.map((axis) => 2 * axis + 2)],
  });
  const phases = strides.reduce((product, stride) => product * stride, 1);
  const stacked = g.emit("Reshape", [byPhase, g.int64([phases * inputs, outputs, ...taps])]);
  const kernels = flip(
    g,
    stacked,
    axes.map((axis) => axis + 2),
  );
  const positions = outputLengths.map((length, axis) => length + taps[axis]! - 1);
  const computed = g.emit("Conv", [dy, kernels], {
    kernel_shape: taps,
    pads: [...taps, ...taps].map((size) => size - 1),
    strides: axes.map(() => 1),
  });

  // [N, s^n·Ci, q…] → [N, s…, Ci, q…] → [N, Ci, q, s, q, s, …] → [N, Ci, q·s, …]
  const unstacked = g.emit("Reshape", [computed, g.int64([0, ...strides, inputs, ...positions])]);
  const interleaved = g.emit("Transpose", [unstacked], {
    perm: [0, rank + 1, ...axes.flatMap((axis) => [rank + 2 + axis, 1 + axis])],
  });
  const spread = positions.map((count, axis) => count * strides[axis]!);
  const joined = g.emit("Reshape", [interleaved, g.int64([0, inputs, ...spread])]);
  return fitAxes(
    g,
    joined,
    spread,
    padsBefore.map((amount) => -amount),
    lengths.map((length, axis) => padsBefore[axis]! + length - spread[axis]!),
  );
}

export const convolutionRules: GradientRules = { Conv: convolution };
