import { describe, expect, it } from "vitest";
import { imageDims } from "../src/geometry.ts";
import { type BlockChoice, compareWithFloat64, fill, head, randomBlock, randomNumbers } from "./examples.ts";
import { referenceBlock } from "./reference.ts";

/** Rounding of float32 over some hundred products: each result is about 1e-7 off. */
const tolerance = 1e-6;

const kinds: readonly (readonly [string, readonly number[], BlockChoice])[] = [
  ["one channel, odd lengths", [9, 11, 13], {}],
  ["one channel, even lengths", [10, 8, 12], {}],
  ["one channel, five outputs, a slope", [9, 12, 17], { outputs: 5, slope: 0.01 }],
  ["one channel, a slope per channel", [11, 8, 9], { slope: [0, 0.1, 0.5, 1] }],
  ["one channel, no activation", [7, 8, 9], { slope: undefined }],
  ["one channel, rounding down", [9, 11, 13], { pooling: "floor" }],
  ["one channel, rounding up", [9, 11, 13], { pooling: "ceil" }],
  ["one channel, rounding up, a slope", [9, 10, 13], { pooling: "ceil", slope: 0.2 }],
  ["three channels", [7, 9, 17], { channels: 3 }],
  ["four channels, rounding down", [7, 8, 19], { channels: 4, outputs: 6, pooling: "floor" }],
  ["eight channels", [6, 7, 18], { channels: 8, outputs: 16 }],
  [
    "eight channels, rounding up, a slope",
    [5, 6, 21],
    { channels: 8, outputs: 3, pooling: "ceil", slope: 0.3 },
  ],
  ["five channels, rows of four cells", [5, 4, 8], { channels: 5, outputs: 6 }],
  ["eight channels, rows of six cells, rounding up", [6, 5, 11], { channels: 8, pooling: "ceil" }],
  ["16 channels, rows of seven cells", [7, 6, 13], { channels: 16, outputs: 32, slope: 0.1 }],
  ["rows of a few voxels", [5, 4, 3], {}],
  ["one channel, no zeros around it", [14, 10, 12], { pad: 0 }],
  ["one channel, no zeros around it, odd lengths, a slope", [9, 11, 13], { pad: 0, slope: 0.1 }],
  ["one channel, no zeros around it, rounding down", [9, 11, 13], { pad: 0, pooling: "floor" }],
  ["one channel, no zeros around it, rounding up", [9, 11, 13], { pad: 0, pooling: "ceil" }],
  ["15 channels, no zeros around them", [10, 8, 22], { channels: 15, outputs: 25, pad: 0 }],
  ["25 channels, no zeros around them, odd lengths", [7, 9, 11], { channels: 25, outputs: 6, pad: 0 }],
  ["six channels, no zeros around them, rounding up", [7, 9, 13], { channels: 6, pad: 0, pooling: "ceil" }],
  ["a negative slope", [6, 7, 9], { slope: -0.2 }],
  ["average pooling", [7, 8, 9], { pooling: "average", slope: 0.1 }],
  ["overlapping averages", [7, 8, 9], { pooling: "overlappingAverage" }],
  ["overlapping maxima", [7, 8, 9], { pooling: "overlapping", channels: 2, outputs: 3 }],
  ["no pooling", [6, 5, 7], { pooling: "none", channels: 3 }],
  ["kernels of one voxel", [6, 5, 7], { kernel: 1, pad: 0 }],
  [
    "kernels of five voxels, step 2",
    [11, 12, 13],
    { kernel: 5, stride: 2, pad: 2, pooling: "none", channels: 2 },
  ],
  [
    "the beginning of ResNet in 2D",
    [33, 38],
    { kernel: 7, stride: 2, pad: 3, pooling: "overlapping", channels: 3 },
  ],
  [
    "the beginning of ResNet in 3D",
    [13, 14, 19],
    { kernel: 7, stride: 2, pad: 3, pooling: "overlapping", outputs: 4 },
  ],
  ["step 3 without padding", [14, 13, 20], { kernel: 3, stride: 3, pad: 0, pooling: "floor" }],
  ["2D", [17, 22], {}],
  ["2D, three channels, a slope", [16, 23], { channels: 3, slope: 0.25 }],
  ["one axis", [40], { slope: 0.1 }],
];

describe("a block", () => {
  it.each(kinds)("equals float64: %s", (_, dims, choice) => {
    const random = randomNumbers(7);
    const block = randomBlock(dims, random, choice);
    const { channels = 1 } = choice;
    const image = fill(channels * dims.reduce((a, b) => a * b), () => 2 * random() - 1);
    const { forward, backward } = compareWithFloat64([block], dims, image, random);
    expect(forward).toBeLessThan(tolerance);
    expect(backward).toBeLessThan(tolerance);
  });

  it.each(kinds)("equals float64 on an image with a background of zeros: %s", (_, dims, choice) => {
    const random = randomNumbers(11);
    const block = randomBlock(dims, random, choice);
    const { forward, backward } = compareWithFloat64(
      [block],
      dims,
      head(dims, choice.channels ?? 1, random),
      random,
    );
    expect(forward).toBeLessThan(tolerance);
    expect(backward).toBeLessThan(tolerance);
  });

  it.each(kinds)("decides in float64 where float32 cannot resolve the difference: %s", (_, dims, choice) => {
    const random = randomNumbers(13);
    const block = randomBlock(dims, random, choice);
    const { channels = 1 } = choice;
    // Sums of neighbours differ by less than float32 sums are exact to; half of the channels are near 0.
    const image = fill(channels * dims.reduce((a, b) => a * b), () => 1 + random() * 2 ** -15);
    const size = block.weights.length / block.outputChannels;
    const bias = block.bias.map((_, c) => {
      let sum = 0;
      for (let k = c * size; k < (c + 1) * size; k++) sum += block.weights[k] ?? 0;
      return c % 2 === 0 ? -sum : sum;
    });
    const { forward, backward } = compareWithFloat64([{ ...block, bias }], dims, image, random);
    expect(forward).toBeLessThan(tolerance);
    expect(backward).toBeLessThan(tolerance);
  });

  it.each(kinds)("gives the first of equal maxima the gradient: %s", (_, dims, choice) => {
    const random = randomNumbers(3);
    const slope = "slope" in choice ? { slope: choice.slope === undefined ? undefined : 0.5 } : {};
    const block = randomBlock(dims, random, { ...choice, ...slope, whole: true });
    const { channels = 1 } = choice;
    const image = fill(channels * dims.reduce((a, b) => a * b), () => Math.round(2 * random()));
    const { forward, backward } = compareWithFloat64([block], dims, image, random);
    expect(forward).toBeLessThan(tolerance);
    expect(backward).toBeLessThan(tolerance);
  });
});

describe("maxima of 3×3×3 beside a background", () => {
  const kinds: readonly (readonly [string, readonly BlockChoice[]])[] = [
    ["one channel", [{ slope: 0.3 }]],
    ["several channels", [{ channels: 3, slope: 0.3 }]],
    ["no zeros around them", [{ pad: 0, slope: 0.3 }]],
    ["the second block", [{ outputs: 3, slope: 0.5 }, { slope: 0.3 }]],
  ];

  it.each(kinds)("are those of float64 where other voxels differ by rounding alone: %s", (_, choices) => {
    const dims = [11, 10, 18];
    const random = randomNumbers(29);
    const { channels = 1 } = choices[0] ?? {};
    // Two positions of a window or more read the background alone, and are equal; a third one may be larger by less than float32 has.
    const image = fill(channels * dims.reduce((a, b) => a * b), () =>
      random() < 1 / 80 ? 1 + Math.round(random() * 4 - 2) * 2 ** -23 : 1,
    );
    const first = randomBlock(dims, random, { ...choices[0], outputs: choices[0]?.outputs ?? 8 });
    const lengths = imageDims(referenceBlock(first, dims, image).dims, 3);
    const others = choices.slice(1).map((choice) => randomBlock(lengths, random, { ...choice, channels: 3 }));
    const found = compareWithFloat64([first, ...others], dims, image, random);
    expect(found.forward).toBeLessThan(tolerance);
    expect(found.backward).toBeLessThan(tolerance);
  });
});

describe("the second block", () => {
  const pairs: readonly (readonly [string, readonly number[], BlockChoice, BlockChoice])[] = [
    ["maxima by 2", [8, 9, 16], { outputs: 3 }, { outputs: 4 }],
    ["maxima by 2, slopes", [7, 8, 15], { outputs: 3, slope: 0.1 }, { slope: 0.2, pooling: "ceil" }],
    ["no zeros around them", [12, 10, 20], { outputs: 3, pad: 0 }, { outputs: 9, pad: 0, pooling: "floor" }],
    ["steps of 2", [13, 14, 15], { stride: 2, pooling: "none" }, { stride: 2, pooling: "none", slope: 0.1 }],
    ["overlapping maxima in 2D", [21, 22], { pooling: "overlapping" }, { kernel: 5, pooling: "overlapping" }],
  ];

  it.each(pairs)(
    "decides from the image where its rounded input cannot resolve the difference: %s",
    (_, dims, first, second) => {
      const random = randomNumbers(17);
      const front = randomBlock(dims, random, first);
      // Neighbours differ by some float32 steps: the first block rounds most of the difference away. The first voxel, which is the
      // background, differs, so that no other neighbourhood is taken for background.
      const image = fill(
        dims.reduce((a, b) => a * b),
        () => 1 + Math.round(random() * 8) * 2 ** -23,
      );
      image[0] = 1.5;
      const { output, dims: lengths } = referenceBlock(front, dims, image);
      const voxels = output.length / front.outputChannels;
      const means = Array.from(front.bias, (_, n) => output[Math.floor((n + 0.5) * voxels)] ?? 0);
      const block = randomBlock(imageDims(lengths, dims.length), random, {
        ...second,
        channels: front.outputChannels,
      });
      const taps = block.weights.length / block.outputChannels;
      // Half of the channels are near 0.
      const bias = block.bias.map((_, c) => {
        let sum = 0;
        for (let t = 0; t < taps; t++)
          sum += (block.weights[c * taps + t] ?? 0) * (means[Math.floor((t * means.length) / taps)] ?? 0);
        return c % 2 === 0 ? -sum : sum;
      });
      const found = compareWithFloat64([front, { ...block, bias }], dims, image, random);
      expect(found.forward).toBeLessThan(tolerance);
      expect(found.backward).toBeLessThan(tolerance);
    },
  );
});
