import { type Attributes, intAttribute, intsAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { at, generate, type NdArray, offset, positions } from "./array.ts";
import type { Kernel } from "./kernel.ts";

interface Windows {
  /** Number of windows along each spatial axis. */
  readonly lengths: readonly number[];
  /** Where a tap of a window lies in the input; may be outside. */
  place(window: readonly number[], tap: readonly number[]): number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export function windowsOf(
  attributes: Attributes,
  space: readonly number[],
  kernel: readonly number[],
): Windows {
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(attributes, "strides", ones);
  const dilations = intsAttribute(attributes, "dilations", ones);
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const pads = intsAttribute(attributes, "pads", [...kernel, ...kernel].fill(0));
  let [before, after] = [pads.slice(0, kernel.length), pads.slice(kernel.length)];
  const auto = stringAttribute(attributes, "auto_pad", "NOTSET");
  if (auto.startsWith("SAME")) {
    const total = space.map((length, axis) =>
      Math.max(0, (Math.ceil(length / strides[axis]!) - 1) * strides[axis]! + reach[axis]! - length),
    );
    const [small, large] = [total.map((sum) => Math.floor(sum / 2)), total.map((sum) => Math.ceil(sum / 2))];
    [before, after] = auto === "SAME_UPPER" ? [small, large] : [large, small];
  }
  const lengths = space.map((length, axis) => {
    const room = (length + before[axis]! + after[axis]! - reach[axis]!) / strides[axis]!;
    if (intAttribute(attributes, "ceil_mode", 0) === 0) return Math.floor(room) + 1;
    const count = Math.ceil(room) + 1;
    return (count - 1) * strides[axis]! >= length + before[axis]! ? count - 1 : count;
  });
  const place = (window: readonly number[], tap: readonly number[]) =>
    window.map((index, axis) => index * strides[axis]! - before[axis]! + tap[axis]! * dilations[axis]!);
  return { lengths, place, before, after };
}

export function isInside(position: readonly number[], space: readonly number[]): boolean {
  return position.every((index, axis) => index >= 0 && index < space[axis]!);
}

const conv: Kernel = ({ x: [x, weight, bias], attributes }) => {
  const [batch, , ...space] = x!.dims as [number, number, ...number[]];
  const [outputs, inputs, ...kernel] = weight!.dims as [number, number, ...number[]];
  const group = intAttribute(attributes, "group", 1);
  const { lengths, place } = windowsOf(attributes, space, kernel);
  return [
    generate([batch, outputs, ...lengths], ([n, output, ...window]) => {
      const first = Math.floor(output! / (outputs / group)) * inputs;
      let sum = bias?.data[output!] ?? 0;
      for (const tap of positions(kernel)) {
        const position = place(window, tap);
        if (!isInside(position, space)) continue;
        for (let input = 0; input < inputs; input++) {
          sum += at(x!, [n!, first + input, ...position]) * at(weight!, [output!, input, ...tap]);
        }
      }
      return sum;
    }),
  ];
};

const maxPool: Kernel = ({ x: [x], attributes }) => {
  const [batch, channels, ...space] = x!.dims as [number, number, ...number[]];
  const kernel = intsAttribute(attributes, "kernel_shape", []);
  const { lengths, place } = windowsOf(attributes, space, kernel);
  const winner = generate([batch, channels, ...lengths], ([n, channel, ...window]) => {
    let [best, largest] = [-1, Number.NEGATIVE_INFINITY];
    for (const tap of positions(kernel)) {
      const position = place(window, tap);
      if (!isInside(position, space)) continue;
      const index = offset(x!.dims, [n!, channel!, ...position]);
      if (x!.data[index]! > largest) [best, largest] = [index, x!.data[index]!];
    }
    return best;
  });
  const values = { dims: winner.dims, data: winner.data.map((index) => x!.data[index]!) };
  if (intAttribute(attributes, "storage_order", 0) === 0) return [values, winner];
  // By columns: the first axis of space counts fastest.
  const places = Array.from(positions(x!.dims), ([n, channel, ...position]) =>
    offset([batch, channels, ...space.toReversed()], [n!, channel!, ...position.toReversed()]),
  );
  return [values, { dims: winner.dims, data: winner.data.map((index) => places[index]!) }];
};

const averagePool: Kernel = ({ x: [x], attributes }) => {
  const [batch, channels, ...space] = x!.dims as [number, number, ...number[]];
  const kernel = intsAttribute(attributes, "kernel_shape", []);
  const { lengths, place, before, after } = windowsOf(attributes, space, kernel);
  const padded = space.map((length, axis) => length + before[axis]! + after[axis]!);
  const countsPads = intAttribute(attributes, "count_include_pad", 0) === 1;
  return [
    generate([batch, channels, ...lengths], ([n, channel, ...window]) => {
      let [sum, members] = [0, 0];
      for (const tap of positions(kernel)) {
        const position = place(window, tap);
        const inside = isInside(position, space);
        if (inside) sum += at(x!, [n!, channel!, ...position]);
        const shifted = position.map((index, axis) => index + before[axis]!);
        if (inside || (countsPads && isInside(shifted, padded))) members += 1;
      }
      return sum / members;
    }),
  ];
};

const maxUnpool: Kernel = ({ x: [x, indices, shape], attributes }) => {
  const kernel = intsAttribute(attributes, "kernel_shape", []);
  const strides = intsAttribute(
    attributes,
    "strides",
    kernel.map(() => 1),
  );
  const pads = intsAttribute(attributes, "pads", [...kernel, ...kernel].fill(0));
  const [batch, channels, ...space] = x!.dims as [number, number, ...number[]];
  const lengths = space.map(
    (length, axis) =>
      (length - 1) * strides[axis]! + kernel[axis]! - pads[axis]! - pads[axis + kernel.length]!,
  );
  const result: NdArray = generate(shape ? Array.from(shape.data) : [batch, channels, ...lengths], () => 0);
  for (const [k, index] of indices!.data.entries()) result.data[index] = x!.data[k]!;
  return [result];
};

export const spatialKernels: Readonly<Record<string, Kernel>> = {
  Conv: conv,
  MaxPool: maxPool,
  AveragePool: averagePool,
  MaxUnpool: maxUnpool,
};
