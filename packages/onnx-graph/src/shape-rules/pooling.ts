import { elementAt } from "@voxplain/core";
import { intAttribute, intsAttribute } from "../builder.ts";
import type { Attributes, Dim } from "../model.ts";
import { dimsFrom, type Known, type ShapeRule, type ShapeRules, typeOf, unknownLike } from "./known.ts";
import { perAxis, placesOf, spatialDims } from "./window.ts";

const pooling: ShapeRule = ({ inputs: [x], node: { attributes } }) => {
  if (x?.dims === undefined) return [unknownLike(x)];
  const spatial = spatialDims(x);
  const ceil = intAttribute(attributes, "ceil_mode", 0) === 1;
  const lengths = placesOf(attributes, kernelOf(attributes, spatial), spatial, ceil);
  return [{ dtype: x.dtype, dims: [...x.dims.slice(0, 2), ...lengths] }];
};

/** The second output holds the positions of the maxima. */
const maxPooling: ShapeRule = (context) => {
  const [values] = pooling(context) as [Known];
  return [values, { dtype: "int64", dims: values.dims }];
};

const globalPooling: ShapeRule = ({ inputs: [x] }) => [
  { dtype: typeOf(x), dims: x?.dims?.map((dim, axis) => (axis < 2 ? dim : 1)) },
];

const unpooling: ShapeRule = ({ inputs: [x, , shape], node: { attributes } }) => {
  if (shape !== undefined) return [{ dtype: typeOf(x), dims: dimsFrom(shape) }];
  if (x?.dims === undefined) return [unknownLike(x)];
  const spatial = spatialDims(x);
  const kernel = kernelOf(attributes, spatial);
  const strides = perAxis(attributes, "strides", kernel.length, 1);
  const pads = perAxis(attributes, "pads", 2 * kernel.length, 0);
  const lengths = spatial.map((length, axis): Dim => {
    const padding = elementAt(pads, axis) + elementAt(pads, axis + kernel.length);
    return typeof length === "number"
      ? (length - 1) * elementAt(strides, axis) + elementAt(kernel, axis) - padding
      : null;
  });
  return [{ dtype: x.dtype, dims: [...x.dims.slice(0, 2), ...lengths] }];
};

function kernelOf(attributes: Attributes, spatial: readonly Dim[]): readonly number[] {
  const kernel = intsAttribute(attributes, "kernel_shape", []);
  if (kernel.length !== spatial.length) {
    throw new RangeError(`the window [${kernel.join(", ")}] should have ${spatial.length} axes`);
  }
  return kernel;
}

export const poolingRules: ShapeRules = {
  MaxPool: maxPooling,
  AveragePool: pooling,
  LpPool: pooling,
  MaxUnpool: unpooling,
  GlobalAveragePool: globalPooling,
  GlobalMaxPool: globalPooling,
  GlobalLpPool: globalPooling,
};
