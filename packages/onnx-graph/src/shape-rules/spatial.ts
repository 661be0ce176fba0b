import { intAttribute, intsAttribute, stringAttribute } from "../builder.ts";
import type { Attributes, Dim } from "../model.ts";
import type { Known, ShapeRule } from "./known.ts";

/** How a window moves over the spatial axes. Padding is all in front first, then all behind. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBefore: readonly number[];
  readonly padsAfter: readonly number[];
}

/**
 * The window of a Conv, ConvTranspose or pooling node, with auto_pad resolved.
 * @param spatial lengths of the spatial axes; needed only for auto_pad.
 * @throws RangeError when auto_pad meets an axis of unknown length.
 */
export function windowOf(attributes: Attributes, kernel: readonly number[], spatial: readonly Dim[]): Window {
  const rank = kernel.length;
  const strides = intsAttribute(attributes, "strides", new Array(rank).fill(1));
  const dilations = intsAttribute(attributes, "dilations", new Array(rank).fill(1));
  const autoPad = stringAttribute(attributes, "auto_pad", "NOTSET");
  if (autoPad === "NOTSET" || autoPad === "") {
    const pads = intsAttribute(attributes, "pads", new Array(2 * rank).fill(0));
    return { kernel, strides, dilations, padsBefore: pads.slice(0, rank), padsAfter: pads.slice(rank) };
  }
  const total = kernel.map((size, axis) => {
    if (autoPad === "VALID") return 0;
    const length = spatial[axis];
    if (typeof length !== "number") throw new RangeError("auto_pad needs fixed lengths of the spatial axes");
    const stride = strides[axis]!;
    const reach = (size - 1) * dilations[axis]! + 1;
    return Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
  });
  const smaller = total.map((sum) => Math.floor(sum / 2));
  const larger = total.map((sum, axis) => sum - smaller[axis]!);
  return autoPad === "SAME_LOWER"
    ? { kernel, strides, dilations, padsBefore: larger, padsAfter: smaller }
    : { kernel, strides, dilations, padsBefore: smaller, padsAfter: larger };
}

/** Positions of a window along an axis. */
function positions(length: Dim, window: Window, axis: number, ceil: boolean): Dim {
  if (typeof length !== "number") return null;
  const reach = (window.kernel[axis]! - 1) * window.dilations[axis]! + 1;
  const before = window.padsBefore[axis]!;
  const room = length + before + window.padsAfter[axis]! - reach;
  if (room < 0)
    throw new RangeError(`the window of ${reach} is larger than the axis of ${length} with its padding`);
  const stride = window.strides[axis]!;
  const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  // A window that would start in the padding behind does not count.
  return ceil && (count - 1) * stride >= length + before ? count - 1 : count;
}

function spatialDims(x: Known): readonly Dim[] {
  if (x.dims === undefined || x.dims.length < 3)
    throw new RangeError("an input has the axes batch, channel and space");
  return x.dims.slice(2);
}

const convolution: ShapeRule = ({ inputs: [x, weight], node }) => {
  if (x?.dims === undefined || weight?.dims === undefined)
    return [{ dtype: x?.dtype ?? "float32", dims: undefined }];
  const spatial = spatialDims(x);
  if (weight.dims.length !== x.dims.length) {
    throw new RangeError(`the weight has ${weight.dims.length} axes, the input ${x.dims.length}`);
  }
  const kernel = weight.dims.slice(2) as number[];
  const group = intAttribute(node.attributes, "group", 1);
  const channels = x.dims[1];
  if (typeof channels === "number" && channels !== (weight.dims[1] as number) * group) {
    throw new RangeError(
      `the weight is for ${(weight.dims[1] as number) * group} channels, the input has ${channels}`,
    );
  }
  const window = windowOf(node.attributes, kernel, spatial);
  const lengths = spatial.map((length, axis) => positions(length, window, axis, false));
  return [{ dtype: x.dtype, dims: [x.dims[0]!, weight.dims[0]!, ...lengths] }];
};

const transposedConvolution: ShapeRule = ({ inputs: [x, weight], node }) => {
  if (x?.dims === undefined || weight?.dims === undefined)
    return [{ dtype: x?.dtype ?? "float32", dims: undefined }];
  const spatial = spatialDims(x);
  const group = intAttribute(node.attributes, "group", 1);
  const channels = (weight.dims[1] as number) * group;
  const stated = intsAttribute(node.attributes, "output_shape", []);
  if (stated.length > 0)
    return [{ dtype: x.dtype, dims: [x.dims[0]!, channels, ...stated.slice(-spatial.length)] }];
  const autoPad = stringAttribute(node.attributes, "auto_pad", "NOTSET");
  const same = autoPad.startsWith("SAME");
  const { auto_pad: _, ...explicit } = node.attributes;
  const window = windowOf(explicit, weight.dims.slice(2) as number[], spatial);
  const extra = intsAttribute(node.attributes, "output_padding", new Array(spatial.length).fill(0));
  const lengths = spatial.map((length, axis): Dim => {
    if (typeof length !== "number") return null;
    if (same) return length * window.strides[axis]!;
    const reach = (window.kernel[axis]! - 1) * window.dilations[axis]! + 1;
    const padding = window.padsBefore[axis]! + window.padsAfter[axis]!;
    return (length - 1) * window.strides[axis]! + extra[axis]! + reach - padding;
  });
  return [{ dtype: x.dtype, dims: [x.dims[0]!, channels, ...lengths] }];
};

const pooling: ShapeRule = ({ inputs: [x], node }) => {
  const dtype = x?.dtype ?? "float32";
  if (x?.dims === undefined)
    return [
      { dtype, dims: undefined },
      { dtype: "int64", dims: undefined },
    ];
  const spatial = spatialDims(x);
  const kernel = intsAttribute(node.attributes, "kernel_shape", []);
  if (kernel.length !== spatial.length) {
    throw new RangeError(`the window has ${kernel.length} axes, the image ${spatial.length}`);
  }
  const window = windowOf(node.attributes, kernel, spatial);
  const ceil = intAttribute(node.attributes, "ceil_mode", 0) === 1;
  const dims = [
    x.dims[0]!,
    x.dims[1]!,
    ...spatial.map((length, axis) => positions(length, window, axis, ceil)),
  ];
  return [
    { dtype, dims },
    { dtype: "int64", dims },
  ];
};

const globalPooling: ShapeRule = ({ inputs: [x] }) => [
  { dtype: x?.dtype ?? "float32", dims: x?.dims?.map((dim, axis) => (axis < 2 ? dim : 1)) },
];

const unpooling: ShapeRule = ({ inputs: [x, , shape], node }) => {
  const dtype = x?.dtype ?? "float32";
  if (shape?.elements !== undefined) return [{ dtype, dims: shape.elements }];
  if (shape !== undefined || x?.dims === undefined) return [{ dtype, dims: undefined }];
  const kernel = intsAttribute(node.attributes, "kernel_shape", []);
  const window = windowOf(node.attributes, kernel, spatialDims(x));
  const lengths = spatialDims(x).map((length, axis): Dim => {
    if (typeof length !== "number") return null;
    return (
      (length - 1) * window.strides[axis]! +
      kernel[axis]! -
      window.padsBefore[axis]! -
      window.padsAfter[axis]!
    );
  });
  return [{ dtype, dims: [x.dims[0]!, x.dims[1]!, ...lengths] }];
};

export const spatialShapes: Readonly<Record<string, ShapeRule>> = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  MaxPool: pooling,
  AveragePool: pooling,
  LpPool: pooling,
  MaxUnpool: unpooling,
  GlobalAveragePool: globalPooling,
  GlobalMaxPool: globalPooling,
  GlobalLpPool: globalPooling,
};
