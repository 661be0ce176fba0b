import { elementAt } from "@voxplain/core";
import { intAttribute, intsAttribute, stringAttribute, windowOf } from "@voxplain/onnx-graph";
import { type GradientRule, inputOf, type RuleContext } from "../rule.ts";
import { fitAxes } from "./zero-insertion.ts";

/**
 * A transposed convolution is the gradient of a convolution, so that its own gradient is that
 * convolution: same weights, strides, dilations and groups.
 */
export const transposedConvolution: GradientRule = (g, [dy]) => {
  if (g.wants(1) || g.wants(2)) throw g.unsupported("its weights are not fixed");
  if (dy === undefined || !g.wants(0)) return [];
  const { attributes } = g.node;
  const kernel = g.lengths(inputOf(g, 1), 2);
  const ones = kernel.map(() => 1);
  const { before, after } = paddingOf(g, kernel);
  // The padding of a Conv cannot be negative: what would be cut off is cut off before.
  const negative = (amounts: readonly number[]) => [0, 0, ...amounts.map((amount) => Math.min(0, amount))];
  const cropped = fitAxes(g, dy, negative(before), negative(after));
  const convolved = g.emit("Conv", [cropped, inputOf(g, 1)], {
    kernel_shape: kernel,
    strides: intsAttribute(attributes, "strides", ones),
    dilations: intsAttribute(attributes, "dilations", ones),
    group: intAttribute(attributes, "group", 1),
    pads: [...before, ...after].map((amount) => Math.max(0, amount)),
  });
  return [convolved];
};

/** The padding with which the convolution gives x its lengths again. */
function paddingOf(
  g: RuleContext,
  kernel: readonly number[],
): { before: readonly number[]; after: readonly number[] } {
  const { auto_pad: _, ...explicit } = g.node.attributes;
  const { strides, dilations, padsBefore, padsAfter } = windowOf(explicit, kernel, []);
  const auto = stringAttribute(g.node.attributes, "auto_pad", "NOTSET");
  const extra = intsAttribute(
    explicit,
    "output_padding",
    kernel.map(() => 0),
  );
  const isStated = intsAttribute(explicit, "output_shape", []).length > 0;
  const isExplicit = !isStated && !auto.startsWith("SAME");
  const none = kernel.map(() => 0);
  const given = auto === "VALID" ? { before: none, after: none } : { before: padsBefore, after: padsAfter };
  // Less than a stride is left over by the convolution anyway, whatever the lengths are.
  if (isExplicit && extra.every((amount, axis) => amount < elementAt(strides, axis))) return given;
  const lengths = g.lengths(g.x[0], 2);
  const outputLengths = g.lengths(g.y[0], 2);
  const whole = lengths.map(
    (length, axis) =>
      (length - 1) * elementAt(strides, axis) +
      (elementAt(kernel, axis) - 1) * elementAt(dilations, axis) +
      1,
  );
  const before = kernel.map((_, axis) => {
    if (isExplicit) return elementAt(given.before, axis);
    const total = elementAt(whole, axis) + elementAt(extra, axis) - elementAt(outputLengths, axis);
    const half = Math.floor(total / 2);
    return auto === "SAME_UPPER" ? half : total - half;
  });
  const after = kernel.map(
    (_, axis) => elementAt(whole, axis) - elementAt(before, axis) - elementAt(outputLengths, axis),
  );
  return { before, after };
}
