import type { BlockPooling, ConvolutionBlock } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { suitsKernels } from "../src/index.ts";

const maxima = (axes: number, window = 2): BlockPooling => {
  const each = (value: number) => new Array<number>(axes).fill(value);
  const [zerosAfter, skippedBefore, skippedAfter] = [each(0), each(0), each(0)];
  return {
    kind: "max",
    window: each(window),
    strides: each(2),
    zerosBefore: each(0),
    ...{ zerosAfter, skippedBefore, skippedAfter, roundUp: false },
  };
};
interface Choice {
  readonly kernel?: number;
  readonly stride?: number;
  readonly pooling?: BlockPooling | undefined;
  readonly slope?: number;
}
/** A block of so many axes and channels; 3 by default, ReLU, max-pooling by 2. */
function block(axes: number, channels: readonly [number, number], choice: Choice = {}): ConvolutionBlock {
  const { kernel = 3, stride = 1, slope = 0 } = choice;
  const each = (value: number) => new Array<number>(axes).fill(value);
  const [inputChannels, outputChannels] = channels;
  const pads = each(kernel >> 1);
  return {
    inputChannels,
    outputChannels,
    weights: new Float64Array(inputChannels * outputChannels * kernel ** axes),
    bias: new Float64Array(outputChannels),
    kernel: each(kernel),
    strides: each(stride),
    padsBefore: pads,
    padsAfter: pads,
    slopes: new Float64Array(outputChannels).fill(slope),
    pooling: "pooling" in choice ? choice.pooling : maxima(axes),
  };
}
const [image, slice] = [
  [96, 96, 96],
  [169, 208],
];
const none = { pooling: undefined };
const unpadded = (channels: readonly [number, number]): ConvolutionBlock => ({
  ...block(3, channels),
  ...{ padsBefore: [0, 0, 0], padsAfter: [0, 0, 0] },
});

describe("kernels for a gradient", () => {
  const suits = suitsKernels("gradient");
  it.each([
    ["Conv5_FC3, first", block(3, [1, 8]), image, true],
    ["Conv5_FC3, third", block(3, [16, 32]), image, true],
    ["128 channels", block(3, [128, 128]), image, false],
    ["Conv4_FC3 of version 0.2, without padding, first", unpadded([1, 15]), image, true],
    ["Conv4_FC3 of version 0.2, without padding, third", unpadded([25, 50]), [11, 11, 11], true],
    ["25 channels, padding behind alone", { ...unpadded([25, 50]), padsAfter: [1, 1, 1] }, image, false],
    ["Stride_Conv5_FC3", block(3, [8, 16], { ...none, stride: 2 }), image, true],
    ["a convolution that keeps the grid", block(3, [1, 8], none), image, "inside"],
    ["DenseNet", block(3, [1, 64], { kernel: 7, stride: 2, pooling: maxima(3, 3) }), image, true],
    [
      "a 7×7×7 convolution without pooling",
      block(3, [1, 16], { ...none, kernel: 7, stride: 2 }),
      image,
      false,
    ],
    ["averages", block(3, [1, 8], { pooling: { ...maxima(3), kind: "average" } }), image, false],
    ["an activation that turns the order around", block(3, [1, 8], { slope: -0.5 }), image, false],
    ["rows of seven", block(3, [1, 8]), [64, 64, 7], false],
    ["Conv5_FC3 on slices, second", block(2, [8, 16]), slice, false],
    ["Conv5_FC3 on slices, third", block(2, [16, 32]), slice, false],
    ["LeNet", block(2, [3, 6], { kernel: 5 }), slice, true],
    ["ResNet-18", block(2, [3, 64], { kernel: 7, stride: 2, pooling: maxima(2, 3) }), slice, false],
    ["MobileNet", block(2, [3, 32], { ...none, stride: 2 }), slice, false],
    ["one axis", block(1, [1, 8]), [1000], false],
  ] as const)("%s", (_, given, dims, expected) => {
    expect(suits(given, dims, [])).toBe(expected);
  });
});

describe("kernels for a gradient, where ONNX Runtime runs in WebAssembly", () => {
  const suits = suitsKernels("gradient", "wasm");
  it.each([
    ["Conv5_FC3, first", block(3, [1, 8]), image, true],
    ["Conv5_FC3 on slices, second", block(2, [8, 16]), slice, true],
    ["Conv5_FC3 on slices, third", block(2, [16, 32]), slice, false],
  ] as const)("%s", (_, given, dims, expected) => {
    expect(suits(given, dims, [])).toBe(expected);
  });
});

describe("kernels for a forward pass", () => {
  const suits = suitsKernels("forward");
  const patch = [50, 50, 50];

  it("are none for patches", () => {
    expect(suits(block(3, [1, 8]), patch, [])).toBe(false);
    expect(suitsKernels("forward", "wasm")(block(3, [1, 8]), patch, [])).toBe(true);
  });

  it("are none behind 32 channels, on any grid behind 16", () => {
    const before = [block(3, [1, 8])];
    expect(suits(block(3, [16, 32]), [22, 26, 23], before)).toBe(true);
    expect(suits(block(3, [32, 64]), [22, 26, 23], before)).toBe(false);
    expect(suitsKernels("forward", "wasm")(block(3, [32, 64]), [22, 26, 23], before)).toBe(true);
  });

  it.each([
    ["one channel, pooled", block(3, [1, 8]), [], true],
    ["three channels, pooled", block(3, [3, 8]), [], true],
    ["no padding, pooled", unpadded([1, 15]), [], true],
    ["one channel, not pooled", block(3, [1, 8], none), [], "inside"],
    ["a pooled block behind it", block(3, [8, 8]), [block(3, [1, 8], none)], true],
    ["steps of two", block(3, [1, 8], { ...none, stride: 2 }), [], false],
  ] as const)("%s", (_, given, before, expected) => {
    expect(suits(given, image, before)).toBe(expected);
  });

  it("are none in 2D", () => {
    expect(suits(block(2, [3, 8]), slice, [])).toBe(false);
  });
});
