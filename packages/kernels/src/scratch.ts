import type { KernelChoice } from "./choose-kernel.ts";
import { type Geometry, product } from "./geometry.ts";
import { innerChannels } from "./tables.ts";

const roundUp = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;
/** An odd number of cache lines: rows a power of two apart would evict each other from the cache. */
const oddLines = (bytes: number) => (Math.ceil(bytes / 64) | 1) * 64;
/** Bytes in front of and behind rows that kernels may read or write in vectors. */
const slack = 64;

/** Bytes of a kernel's rows and of the scratch memory that it needs per thread. */
export interface Scratch {
  readonly line: number;
  readonly convLine: number;
  readonly gradientLine: number;
  readonly bytes: number;
}

export function forwardScratch(kernel: KernelChoice["forward"], geometry: Geometry): Scratch {
  const { channels, outputs, kernel: taps, strides, conv, window, out } = geometry;
  if (kernel === "plain" || kernel === "direct") {
    const columns = roundUp(conv[2], 16);
    const line = oddLines(4 * (columns + Math.floor((taps[2] - 1) / strides[2]) + 8));
    const rows = (conv[1] - 1) * strides[1] + taps[1];
    const convLine = 4 * columns;
    const list = roundUp(4 * channels * product(taps), 64);
    const inputs = taps[0] * channels * rows * line * strides[2];
    return {
      line,
      convLine,
      gradientLine: 0,
      bytes: list + inputs + window[0] * roundUp(outputs, 4) * conv[1] * convLine + slack,
    };
  }
  // Even and odd columns of each row apart.
  const line = (Math.ceil((4 * (out[2] + 8)) / 32) | 1) * 32;
  const bytes =
    kernel === "winogradOne"
      ? 4 * (2 * out[1] + 2) * 2 * line + 24_832
      : (1 + 16 * channels) * 2 * line + 2048 * channels + 8192 + 1024;
  return { line, convLine: 0, gradientLine: 0, bytes: bytes + slack };
}

export function gradientScratch(kernel: KernelChoice["gradient"], geometry: Geometry): Scratch {
  const { channels, outputs, kernel: taps, strides, pads, input, conv, out } = geometry;
  if (kernel === "plainGradient" || kernel === "directGradient") {
    const phase = roundUp(Math.ceil((pads[2] + input[2]) / strides[2]), 16);
    const gradientLine = oddLines(4 * (taps[2] + Math.max(conv[2], phase) + 16));
    const planes = Math.ceil(taps[0] / strides[0]) * outputs * gradientLine;
    if (kernel === "plainGradient")
      return { line: 0, convLine: 0, gradientLine, bytes: 64 + planes * conv[1] + slack };
    const places = outputs * product(taps);
    const lists = 64 + roundUp(4 * places, 64) + 16 * places;
    const zeroRows = taps[1] === 1 && strides[1] === 1 ? pads[1] : Math.ceil(taps[1] / strides[1]) + 1;
    const line = oddLines(4 * phase);
    const bytes = lists + 4 * strides[2] * line + planes * (conv[1] + 2 * zeroRows) + slack;
    return { line, convLine: 0, gradientLine, bytes };
  }
  if (kernel === "scatterGradient") {
    const { window, steps, before } = geometry;
    // Windows may reach further than the image, or the image further than the windows.
    const length = (a: 1 | 2) =>
      Math.max(
        ((out[a] - 1) * steps[a] + window[a] - 1) * strides[a] + taps[a],
        before[a] * strides[a] + pads[a] + input[a],
      );
    const line = oddLines(4 * (length(2) * innerChannels(channels) + 4));
    const planes = (window[0] - 1) * strides[0] + taps[0];
    const gradientLine = length(1) * line;
    return { line, convLine: 0, gradientLine, bytes: 512 + planes * gradientLine + slack };
  }
  // The list and the gradients of a tile, then its sums (`assembly/pooled-gradient.ts`).
  const list = 768 + 192 * roundUp(outputs, 4);
  const rows = 2 * out[1] + 2;
  if (kernel === "gradientMany") {
    // Four rows more for the sums of one row of cells.
    const sums = roundUp(channels, 4) * (rows + 4) * 1600;
    return { line: 0, convLine: 0, gradientLine: 0, bytes: list + sums + slack };
  }
  const gradientLine = oddLines(4 * (2 * out[2] + 8));
  const sums = 12_288 * Math.ceil(out[2] / 24);
  return { line: 0, convLine: 0, gradientLine, bytes: list + sums + (2 * rows + 1) * gradientLine + slack };
}
