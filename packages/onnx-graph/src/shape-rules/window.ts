import { elementAt } from "@voxplain/core";
import { intsAttribute, stringAttribute } from "../builder.ts";
import type { Attributes, Dim } from "../model.ts";
import type { Known } from "./known.ts";

/** How a window moves over the spatial axes. Padding is all in front first, then all behind. */
export interface Window {
  /** Lengths of the kernel. One for each spatial axis. */
  readonly kernel: readonly number[];
  /** Steps of the window. One for each spatial axis. */
  readonly strides: readonly number[];
  /** Distances of the kernel's elements. One for each spatial axis. */
  readonly dilations: readonly number[];
  /** Padding at the beginning. One for each spatial axis. */
  readonly padsBefore: readonly number[];
  /** Padding at the end. One for each spatial axis. */
  readonly padsAfter: readonly number[];
}

/**
 * The window of a Conv or pooling node, with auto_pad resolved.
 * @param spatial lengths of the spatial axes; needed only for auto_pad.
 * @throws RangeError when an attribute has not one value per axis, or auto_pad meets an axis of unknown length.
 */
export function windowOf(attributes: Attributes, kernel: readonly number[], spatial: readonly Dim[]): Window {
  const rank = kernel.length;
  const strides = perAxis(attributes, "strides", rank, 1);
  const dilations = perAxis(attributes, "dilations", rank, 1);
  if (strides.some((stride) => stride < 1) || dilations.some((dilation) => dilation < 1)) {
    throw new RangeError(`strides [${strides}] and dilations [${dilations}] must be at least 1`);
  }
  const autoPad = autoPadOf(attributes);
  if (autoPad === "NOTSET") {
    const pads = perAxis(attributes, "pads", 2 * rank, 0);
    return { kernel, strides, dilations, padsBefore: pads.slice(0, rank), padsAfter: pads.slice(rank) };
  }
  const total = kernel.map((size, axis) => {
    if (autoPad === "VALID") return 0;
    const length = spatial[axis];
    if (typeof length !== "number") throw new RangeError("auto_pad needs fixed lengths of the spatial axes");
    const stride = elementAt(strides, axis);
    const reach = (size - 1) * elementAt(dilations, axis) + 1;
    return Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
  });
  const smaller = total.map((sum) => Math.floor(sum / 2));
  const larger = total.map((sum, axis) => sum - elementAt(smaller, axis));
  return autoPad === "SAME_LOWER"
    ? { kernel, strides, dilations, padsBefore: larger, padsAfter: smaller }
    : { kernel, strides, dilations, padsBefore: smaller, padsAfter: larger };
}

export function autoPadOf(attributes: Attributes): "NOTSET" | "VALID" | "SAME_UPPER" | "SAME_LOWER" {
  const found = stringAttribute(attributes, "auto_pad", "NOTSET");
  if (found === "") return "NOTSET";
  if (found === "NOTSET" || found === "VALID" || found === "SAME_UPPER" || found === "SAME_LOWER")
    return found;
  throw new RangeError(`auto_pad "${found}" is not known`);
}

/** An attribute with one value for each axis; empty counts as left out. */
export function perAxis(
  attributes: Attributes,
  key: string,
  count: number,
  fallback: number,
): readonly number[] {
  const found = intsAttribute(attributes, key, []);
  if (found.length === 0) return new Array<number>(count).fill(fallback);
  if (found.length !== count) throw new RangeError(`${key} [${found}] should have ${count} values`);
  return found;
}

/** Lengths of the axes behind batch and channel. */
export function spatialDims(x: Known): readonly Dim[] {
  if (x.dims === undefined || x.dims.length < 3) {
    throw new RangeError(`the input [${x.dims?.join(", ")}] should have the axes batch, channel and space`);
  }
  return x.dims.slice(2);
}

/** How many places a window has on each axis. `ceil`: counts a last one that sticks out behind. */
export function placesOf(
  attributes: Attributes,
  kernel: readonly Dim[],
  spatial: readonly Dim[],
  ceil: boolean,
): readonly Dim[] {
  if (autoPadOf(attributes).startsWith("SAME")) {
    const strides = perAxis(attributes, "strides", spatial.length, 1);
    return spatial.map((length, axis) =>
      typeof length === "number"
        ? Math.ceil(length / elementAt(strides, axis))
        : strides[axis] === 1
          ? length
          : null,
    );
  }
  // The size of an unknown kernel does not matter: its axis is left unknown.
  const sizes = kernel.map((size) => (typeof size === "number" ? size : 1));
  const window = windowOf(attributes, sizes, spatial);
  return spatial.map((length, axis) =>
    typeof kernel[axis] === "number" ? places(length, window, axis, ceil) : null,
  );
}

function places(length: Dim, window: Window, axis: number, ceil: boolean): Dim {
  const reach = (elementAt(window.kernel, axis) - 1) * elementAt(window.dilations, axis) + 1;
  const before = elementAt(window.padsBefore, axis);
  const padding = before + elementAt(window.padsAfter, axis);
  const stride = elementAt(window.strides, axis);
  if (typeof length !== "number") return stride === 1 && padding === reach - 1 ? length : null;
  const room = length + padding - reach;
  if (room < 0) {
    throw new RangeError(
      `a window of ${reach} is larger than an axis of ${length} with a padding of ${padding}`,
    );
  }
  const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  // A window that would start in the padding behind does not count (PyTorch, ONNX Runtime).
  return ceil && (count - 1) * stride >= length + before ? count - 1 : count;
}
