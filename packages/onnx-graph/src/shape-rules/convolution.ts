import { elementAt } from "@voxplain/core";
import { intAttribute, intsAttribute } from "../builder.ts";
import type { Attributes, Dim } from "../model.ts";
import { type Known, type ShapeRule, type ShapeRules, unknownLike } from "./known.ts";
import { unified } from "./lengths.ts";
import { autoPadOf, perAxis, placesOf, spatialDims } from "./window.ts";

/** weight: [out channels, in channels / group, kernel]. */
const convolution: ShapeRule = ({ inputs: [x, weight, bias], node }) => {
  if (x?.dims === undefined || weight?.dims === undefined) return [unknownLike(x)];
  const spatial = spatialDims(x);
  const kernel = kernelOf(node.attributes, weight, spatial);
  const group = groupOf(node.attributes);
  unified(x.dims[1], times(elementAt(weight.dims, 1), group), "channels of the input and of the weight");
  unified(bias?.dims?.[0], weight.dims[0], "lengths of the bias and of the weight");
  const channels = elementAt(weight.dims, 0);
  if (typeof channels === "number" && channels % group !== 0) {
    throw new RangeError(`${channels} output channels cannot be divided into ${group} groups`);
  }
  const lengths = placesOf(node.attributes, kernel, spatial, false);
  return [{ dtype: x.dtype, dims: [elementAt(x.dims, 0), channels, ...lengths] }];
};

/** weight: [in channels, out channels / group, kernel]. */
const transposedConvolution: ShapeRule = ({ inputs: [x, weight], node: { attributes } }) => {
  if (x?.dims === undefined || weight?.dims === undefined) return [unknownLike(x)];
  const spatial = spatialDims(x);
  const kernel = kernelOf(attributes, weight, spatial);
  unified(x.dims[1], weight.dims[0], "channels of the input and of the weight");
  const front = [elementAt(x.dims, 0), times(elementAt(weight.dims, 1), groupOf(attributes))];
  const stated = intsAttribute(attributes, "output_shape", []);
  if (stated.length > 0) return [{ dtype: x.dtype, dims: [...front, ...stated.slice(-spatial.length)] }];
  const rank = spatial.length;
  const same = autoPadOf(attributes).startsWith("SAME");
  const strides = perAxis(attributes, "strides", rank, 1);
  const dilations = perAxis(attributes, "dilations", rank, 1);
  const extra = perAxis(attributes, "output_padding", rank, 0);
  const pads = autoPadOf(attributes) === "VALID" ? [] : perAxis(attributes, "pads", 2 * rank, 0);
  const lengths = spatial.map((length, axis): Dim => {
    const size = kernel[axis];
    if (same) return times(length, elementAt(strides, axis));
    if (typeof size !== "number") return null;
    const added =
      (size - 1) * elementAt(dilations, axis) +
      1 +
      elementAt(extra, axis) -
      (pads[axis] ?? 0) -
      (pads[axis + rank] ?? 0);
    if (typeof length !== "number") return strides[axis] === 1 && added === 1 ? length : null;
    return atLeastZero((length - 1) * elementAt(strides, axis) + added);
  });
  return [{ dtype: x.dtype, dims: [...front, ...lengths] }];
};

function kernelOf(attributes: Attributes, weight: Known, spatial: readonly Dim[]): readonly Dim[] {
  const dims = weight.dims ?? [];
  if (dims.length !== spatial.length + 2) {
    throw new RangeError(`the weight has ${dims.length} axes, the input ${spatial.length + 2}`);
  }
  const stated = intsAttribute(attributes, "kernel_shape", []);
  return dims
    .slice(2)
    .map((size, axis) => unified(size, stated[axis], "kernel of the weight and kernel_shape"));
}

function groupOf(attributes: Attributes): number {
  const group = intAttribute(attributes, "group", 1);
  if (group < 1) throw new RangeError(`there cannot be ${group} groups`);
  return group;
}

function times(length: Dim, factor: number): Dim {
  return factor === 1 ? length : typeof length === "number" ? length * factor : null;
}

function atLeastZero(length: number): number {
  if (length < 0) throw new RangeError(`an axis of the output would be ${length} long`);
  return length;
}

export const convolutionRules: ShapeRules = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  ConvInteger: (context) => [
    { ...elementAt(convolution({ ...context, inputs: context.inputs.slice(0, 2) }), 0), dtype: "int32" },
  ],
};
