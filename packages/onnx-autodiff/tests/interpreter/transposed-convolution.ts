import { intAttribute, intsAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { at, generate, type NdArray, offset, positions } from "./array.ts";
import type { Kernel } from "./kernel.ts";
import { isInside } from "./spatial.ts";

/** Every element of x adds its multiple of the kernel around its place in y. */
const transposedConvolution: Kernel = ({ x: [x, weight, bias], attributes }) => {
  const [batch, inputs, ...space] = x!.dims as [number, number, ...number[]];
  const [, perGroup, ...kernel] = weight!.dims as [number, number, ...number[]];
  const group = intAttribute(attributes, "group", 1);
  const strides = intsAttribute(
    attributes,
    "strides",
    kernel.map(() => 1),
  );
  const dilations = intsAttribute(
    attributes,
    "dilations",
    kernel.map(() => 1),
  );
  const extra = intsAttribute(
    attributes,
    "output_padding",
    kernel.map(() => 0),
  );
  const stated = intsAttribute(attributes, "output_shape", []);
  const auto = stringAttribute(attributes, "auto_pad", "NOTSET");
  const pads = intsAttribute(attributes, "pads", [...kernel, ...kernel].fill(0));
  const whole = space.map(
    (length, axis) =>
      (length - 1) * strides[axis]! + extra[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1,
  );
  const layout = space.map((length, axis) => {
    const isFree = stated.length === 0 && !auto.startsWith("SAME");
    if (isFree) {
      const [front, back] = auto === "VALID" ? [0, 0] : [pads[axis]!, pads[axis + space.length]!];
      return { front, length: whole[axis]! - front - back };
    }
    const wanted = stated.length > 0 ? stated[axis]! : length * strides[axis]!;
    const total = whole[axis]! - wanted;
    return { front: auto === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2), length: wanted };
  });
  const lengths = layout.map(({ length }) => length);
  const y: NdArray = generate(
    [batch, perGroup * group, ...lengths],
    ([, channel]) => bias?.data[channel!] ?? 0,
  );
  for (const [n, input, ...place] of positions(x!.dims)) {
    const first = Math.floor(input! / (inputs / group)) * perGroup;
    for (const [output, ...tap] of positions([perGroup, ...kernel])) {
      const target = place.map(
        (index, axis) => index * strides[axis]! + tap[axis]! * dilations[axis]! - layout[axis]!.front,
      );
      if (!isInside(target, lengths)) continue;
      y.data[offset(y.dims, [n!, first + output!, ...target])]! +=
        at(x!, [n!, input!, ...place]) * at(weight!, [input!, output!, ...tap]);
    }
  }
  return [y];
};

export const transposedConvolutionKernels: Readonly<Record<string, Kernel>> = {
  ConvTranspose: transposedConvolution,
};
