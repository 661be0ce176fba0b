import { elementAt, tensor } from "@voxplain/core";
import { nodeInput, nodeOutput } from "@voxplain/onnx-graph";
import { fitSpatial, lowest, type PoolingGradient } from "./pooling-gradient.ts";
import type { Rewriting } from "./rewrite.ts";

/**
 * Adjacent windows, as the rows of a matrix [N·C·windows, elements of a window]. Among the
 * elements that equal the maximum, the first has the highest rank.
 */
export function separateWindows(rewriting: Rewriting, gradient: PoolingGradient): void {
  const { builder, add } = rewriting;
  const { original, opset, window, channels, input, output, cotangent, pooling, result } = gradient;
  const { kernel, padsBefore } = window;
  const after = output.map(
    (count, axis) => count * elementAt(kernel, axis) - elementAt(padsBefore, axis) - elementAt(input, axis),
  );
  const size = kernel.reduce((product, length) => product * length, 1);
  const axes = kernel.map((_, axis) => axis);
  const reshape = (x: string, dims: readonly number[]) => add(original, "Reshape", [x, builder.int64(dims)]);

  // [N, C, o·k, …] → [N·C·o, k, o, k, …] → [N·C·o, o, …, k, k, …] → [windows, elements]
  const apart = [
    -1,
    ...axes.flatMap((axis) =>
      axis === 0 ? [elementAt(kernel, 0)] : [elementAt(output, axis), elementAt(kernel, axis)],
    ),
  ];
  const together = [-1, ...output.slice(1), ...kernel];
  const perm = [...axes.map((axis) => 2 * axis), ...axes.map((axis) => 2 * axis + 1)];
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  const whole = fitSpatial(rewriting, original, nodeInput(pooling, 0), [padsBefore, after], lowest);
  const windows = reshape(add(original, "Transpose", [reshape(whole, apart)], { perm }), [-1, size]);

  const zero = builder.scalar(0);
  const ranks = builder.constant(
    tensor(
      "float32",
      [size],
      Float32Array.from({ length: size }, (_, k) => size - k),
    ),
  );
  const isMaximum = add(original, "Equal", [windows, reshape(nodeOutput(pooling), [-1, 1])]);
  const rank = add(original, "Where", [isMaximum, ranks, zero]);
  const highest =
    opset < 18
      ? add(original, "ReduceMax", [rank], { axes: [1], keepdims: 1 })
      : add(original, "ReduceMax", [rank, builder.int64([1])], { keepdims: 1 });
  const isFirst = add(original, "Equal", [rank, highest]);
  const given = add(original, "Where", [isFirst, reshape(cotangent, [-1, 1]), zero]);

  const interleaved = add(original, "Transpose", [reshape(given, together)], { perm: inverse });
  const joined = reshape(interleaved, [
    -1,
    channels,
    ...output.map((count, axis) => count * elementAt(kernel, axis)),
  ]);
  const off = [padsBefore.map((amount) => -amount), after.map((amount) => -amount)] as const;
  add(original, "Identity", [fitSpatial(rewriting, original, joined, off)], {}, result);
}
