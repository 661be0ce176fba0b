import type { ConvolutionBlock } from "@voxplain/core";
import type { Geometry } from "./geometry.ts";
import { product } from "./geometry.ts";

/** Which kernels compute a block: `forward` where all its values are finite, and the gradient at its input. */
export interface KernelChoice {
  readonly forward: "winogradOne" | "winogradMany" | "direct" | "plain";
  readonly gradient: "gradientOne" | "gradientMany" | "directGradient" | "scatterGradient" | "plainGradient";
}

/** Positions of a window that a code can name. */
const largestWindow = 64;

/** Can a block be computed on images of any size? */
export const isComputable = ({ kernel, pooling }: ConvolutionBlock): boolean =>
  kernel.length >= 1 &&
  kernel.length <= 3 &&
  (pooling?.kind !== "max" || product(pooling.window) <= largestWindow);

/** Phases of a row that `directGradient` can keep apart. */
const mostPhases = 8;

/** Four values or windows side by side, no averages; the activation keeps the order of a maximum; zeros are in front of it. */
function fitsDirect({ slopes }: ConvolutionBlock, geometry: Geometry): boolean {
  const { strides, conv, pooling, before, zeros, zerosAfter } = geometry;
  if (conv[2] < 4 || strides[2] > mostPhases) return false;
  if (pooling === "none") return true;
  return (
    pooling === "max" &&
    (slopes ?? [1]).every((slope) => slope >= 0 && slope <= 1) &&
    zeros.every((count, axis) => count === 0 || count === before[axis]) &&
    zerosAfter.every((count) => count === 0)
  );
}

/** Does a forward kernel copy the cells that repeat those of the row before? */
export const copiesRepeats = ({ forward }: KernelChoice): boolean => forward.startsWith("winograd");

/** The fastest kernels for a block: Winograd's where they fit, else the direct ones, else the plain ones. */
export function chooseKernel(block: ConvolutionBlock, geometry: Geometry): KernelChoice {
  const {
    channels,
    kernel,
    strides,
    pads,
    conv,
    input,
    pooling,
    window,
    steps,
    before,
    zeros,
    zerosAfter,
    out,
  } = geometry;
  const all = (values: readonly number[], value: number) => values.every((v) => v === value);
  const slopes = block.slopes ?? [1];
  const fits =
    all(kernel, 3) &&
    all(strides, 1) &&
    // One zero on both sides, or none.
    pads.every((count, axis) => count <= 1 && (conv[axis] ?? 0) + 2 - 2 * count === (input[axis] ?? 0)) &&
    pooling === "max" &&
    all(window, 2) &&
    all(steps, 2) &&
    // Zeros in front, at most one; none behind, where windows that stick out skip what is missing.
    before.every((count, axis) => count <= 1 && count === zeros[axis]) &&
    all(zerosAfter, 0) &&
    conv.every((length, axis) => {
      const left = 2 * (out[axis] ?? 0) - (before[axis] ?? 0) - length;
      // What no window covers is 0 in the gradient: without padding it would reach further than the cells do.
      return left === 0 || left === 1 || (left === -1 && pads[axis] === 1);
    }) &&
    slopes.every((slope) => slope >= 0 && slope <= 1);
  if (fits && channels === 1 && out[2] >= 4) return { forward: "winogradOne", gradient: "gradientOne" };
  if (fits && channels > 1 && out[2] >= 4) return { forward: "winogradMany", gradient: "gradientMany" };
  if (fitsDirect(block, geometry))
    return { forward: "direct", gradient: pooling === "max" ? "scatterGradient" : "directGradient" };
  return { forward: "plain", gradient: "plainGradient" };
}
