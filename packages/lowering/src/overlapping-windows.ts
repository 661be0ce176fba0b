import { elementAt } from "@voxplain/core";
import { nodeInput, nodeOutput } from "@voxplain/onnx-graph";
import { fitSpatial, lowest, type PoolingGradient } from "./pooling-gradient.ts";
import type { Rewriting } from "./rewrite.ts";

/**
 * Windows that overlap, or have gaps: one place of the window after the other, in scan order. Place t
 * of all windows is every s-th element of the image from t·d on; it takes the cotangent where it equals
 * the maximum and no place before it did. Elements t·d = q·s + r with the same r (a phase) are added
 * at the resolution of the windows, shifted by q, and the phases are interleaved in the end.
 */
export function overlappingWindows(rewriting: Rewriting, gradient: PoolingGradient): void {
  const { builder, add } = rewriting;
  const { original, window, channels, input, output, cotangent, pooling, result } = gradient;
  const { kernel, strides, dilations, padsBefore } = window;
  const reach = output.map(
    (count, axis) =>
      (count - 1) * elementAt(strides, axis) + (elementAt(kernel, axis) - 1) * elementAt(dilations, axis) + 1,
  );
  const counts = reach.map((length, axis) => Math.ceil(length / elementAt(strides, axis)));
  const after = reach.map((length, axis) => length - elementAt(padsBefore, axis) - elementAt(input, axis));
  const x = fitSpatial(rewriting, original, nodeInput(pooling, 0), [padsBefore, after], lowest);
  // ONNX Runtime infers one element too many where a last window would begin in the padding (ceil_mode).
  const stated = (value: string) =>
    add(original, "Reshape", [value, builder.int64([-1, channels, ...output])]);
  const maximum = stated(nodeOutput(pooling));
  const dy = stated(cotangent);
  const zero = builder.scalar(0);
  const spatial = builder.int64(kernel.map((_, axis) => axis + 2));

  let open: string | undefined;
  const phases = new Map<string, string>();
  for (const place of places(kernel)) {
    const start = place.map((step, axis) => step * elementAt(dilations, axis));
    const end = start.map(
      (first, axis) => first + (elementAt(output, axis) - 1) * elementAt(strides, axis) + 1,
    );
    const elements = add(original, "Slice", [
      x,
      builder.int64(start),
      builder.int64(end),
      spatial,
      builder.int64(strides),
    ]);
    const isMaximum = add(original, "Equal", [elements, maximum]);
    const isFirst = open ? add(original, "And", [isMaximum, open]) : isMaximum;
    const others = add(original, "Not", [isMaximum]);
    // Windows whose maximum has not come yet; without Or, which WebGPU leaves to the CPU.
    open = open ? add(original, "And", [open, others]) : others;
    const given = add(original, "Where", [isFirst, dy, zero]);
    const shift = start.map((first, axis) => Math.floor(first / elementAt(strides, axis)));
    const rest = shift.map((amount, axis) => elementAt(counts, axis) - amount - elementAt(output, axis));
    const shifted = fitSpatial(rewriting, original, given, [shift, rest]);
    const phase = start.map((first, axis) => first % elementAt(strides, axis)).join();
    const sum = phases.get(phase);
    phases.set(phase, sum ? add(original, "Add", [sum, shifted]) : shifted);
  }
  const joined = interleave();
  const off = [
    padsBefore.map((amount) => -amount),
    input.map(
      (length, axis) =>
        length + elementAt(padsBefore, axis) - elementAt(counts, axis) * elementAt(strides, axis),
    ),
  ] as const;
  add(original, "Identity", [fitSpatial(rewriting, original, joined, off)], {}, result);

  /** [N, s…·C, q…] → [N, s…, C, q…] → [N, C, q, s, q, s, …] → [N, C, q·s, …] */
  function interleave(): string {
    const all = Array.from(places(strides), (phase) => phases.get(phase.join()));
    // The first place of the kernel has the first phase.
    const [first] = all;
    if (first === undefined) throw new RangeError("no place of the kernel is in the first phase");
    if (all.length === 1) return first;
    const empty = all.includes(undefined) ? add(original, "Sub", [first, first]) : "";
    const stacked = add(
      original,
      "Concat",
      all.map((phase) => phase ?? empty),
      { axis: 1 },
    );
    const rank = kernel.length;
    const reshape = (value: string, dims: readonly number[]) =>
      add(original, "Reshape", [value, builder.int64(dims)]);
    const apart = reshape(stacked, [-1, ...strides, channels, ...counts]);
    const perm = [0, rank + 1, ...kernel.flatMap((_, axis) => [rank + 2 + axis, 1 + axis])];
    const spread = counts.map((count, axis) => count * elementAt(strides, axis));
    return reshape(add(original, "Transpose", [apart], { perm }), [-1, channels, ...spread]);
  }
}

/** Every index into an array of these lengths, the last axis fastest. */
function* places(lengths: readonly number[]): Generator<readonly number[]> {
  const [first, ...others] = lengths;
  if (first === undefined) return yield [];
  for (let index = 0; index < first; index++) {
    for (const rest of places(others)) yield [index, ...rest];
  }
}
