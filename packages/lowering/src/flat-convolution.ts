import { tensor } from "@voxplain/core";
import type { Node } from "@voxplain/onnx-graph";
import type { Convolution } from "./graph-view.ts";
import type { Rewriting } from "./rewrite.ts";

/** The rows of all planes one behind the other, in steps of `stride`. */
export interface FlatRows {
  /** [N, C, D, rows·stride]. */
  readonly value: string;
  readonly rows: number;
  readonly stride: number;
  /** Column where the result starts in each row; values before and behind it are arbitrary. */
  readonly first: number;
}

/** ONNX Runtime's blocked kernels take channels by four. */
const channelAlignment = 4;

/**
 * A 3×3×3 convolution as the sum of three 2D ones. With columns of zeros behind the width, as many as the
 * padding p, [D, H, W + p] is the image [D, H·(W + p)]: a step along the height is a step of W + p (a
 * dilation), and a step along the width is one of 1, where the columns keep rows apart. So there is one 3×3
 * convolution over depth and height for each place of the kernel along the width, shifted by it.
 * @param isWide - Whether x has the column of a padding of 1 already.
 */
export function flatConvolution(
  rewriting: Rewriting,
  { node, input, output, window: { padsBefore, padsAfter } }: Convolution,
  x: string,
  isWide: boolean,
): FlatRows {
  const { builder, add } = rewriting;
  const [depth, height, width] = input.lengths;
  const [front = 0, top = 0, left = 0] = padsBefore;
  const [back = 0, bottom = 0, right = 0] = padsAfter;
  const stride = width + Math.max(left, right);
  // No padding can be negative: without one above, the result starts later, and without one below, there is
  // a row more of it.
  const first = top > 0 ? 0 : Math.max(0, 2 - left);
  const more = bottom * stride < left + first ? 1 : 0;

  const channels = Math.ceil(input.channels / channelAlignment) * channelAlignment;
  const missing = { columns: isWide ? 0 : stride - width, channels: channels - input.channels };
  const padded =
    missing.columns + missing.channels === 0
      ? x
      : add(node, "Pad", [x, builder.int64([0, 0, 0, 0, 0, 0, missing.channels, 0, 0, missing.columns])]);
  const rows = add(node, "Reshape", [padded, builder.int64([0, channels, depth, height * stride])]);

  const [, weight, ...bias] = node.inputs as [string, string, ...string[]];
  const kernel =
    missing.channels === 0
      ? weight
      : add(node, "Pad", [weight, builder.int64([0, 0, 0, 0, 0, 0, missing.channels, 0, 0, 0])]);
  const parts = [0, 1, 2].map((place) => {
    const index = builder.constant(tensor("int64", [], BigInt64Array.of(BigInt(place))));
    const slice = add(node, "Gather", [kernel, index], { axis: 4 });
    const before = top * stride + left - place + first;
    const after = (bottom + more) * stride - left + place - first;
    return add(node, "Conv", [rows, slice, ...(place === 0 ? bias : [])], {
      kernel_shape: [3, 3],
      dilations: [1, stride],
      pads: [front, before, back, after],
    });
  });
  const value = parts.reduce((sum, part) => add(node, "Add", [sum, part]));
  return { value, rows: output.lengths[1] + more, stride, first };
}

/** [N, C, D, rows·stride] → [N, C, D, rows, stride]. */
export function asVolume(
  { builder, add }: Rewriting,
  node: Node,
  { value, rows, stride }: FlatRows,
  { channels, lengths: [depth] }: Convolution["output"],
  output?: string,
): string {
  return add(node, "Reshape", [value, builder.int64([0, channels, depth, rows, stride])], {}, output);
}
