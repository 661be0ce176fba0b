import { isVoxplainError } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { geometryOf, imageDims, product } from "../src/geometry.ts";
import { blockKernels } from "../src/index.ts";
import { compareWithFloat64, distance, fill, poolings, randomBlock, randomNumbers } from "./examples.ts";
import { referenceBlocks } from "./reference.ts";

/** Two blocks of any kind on an image of any size. */
function randomCase(seed: number) {
  const random = randomNumbers(seed * 7919);
  const pick = <T>(values: readonly [T, ...T[]]): T =>
    values[Math.floor(random() * values.length)] ?? values[0];
  const common = random() < 0.6;
  const axes = common ? 3 : pick([1, 2, 3]);
  const dims = Array.from({ length: axes }, () => 3 + Math.floor(random() * (axes === 3 ? 17 : 30)));
  // Rows long enough for two Winograd blocks.
  if (common) dims[2] = (dims[2] ?? 0) + 20;
  const block = (lengths: readonly number[], channels: number) =>
    randomBlock(lengths, random, {
      channels,
      outputs: pick([1, 3, 4, 8]),
      kernel: common ? 3 : pick([1, 2, 3, 5]),
      stride: common ? 1 : pick([1, 2, 3]),
      pad: common ? pick([1, 1, 0]) : pick([0, 1, 2]),
      slope: pick<number | readonly number[] | undefined>([0, 0, 0.01, [0, 0.3, 1], [-0.5, 2], undefined]),
      pooling: common
        ? pick<keyof typeof poolings>(["padded", "floor", "ceil"])
        : pick(Object.keys(poolings) as [keyof typeof poolings]),
    });
  const first = block(dims, pick([1, 1, 3, 4, 8]));
  const second = block(imageDims(geometryOf(first, dims).out, axes), first.outputChannels);
  const image = fill(first.inputChannels * product(dims), () => 2 * random() - 1);
  return { dims, blocks: [first, second], image, random };
}

const seeds = Array.from({ length: 400 }, (_, k) => k);

describe("blocks of any kind", () => {
  it.each(casesOf(seeds, (seed) => seed < 60))("equal float64: seed %i", (seed) => {
    try {
      const { dims, blocks, image, random } = randomCase(seed);
      const found = compareWithFloat64(blocks, dims, image, random);
      expect(found.forward).toBeLessThan(2e-6);
      expect(found.backward).toBeLessThan(2e-6);
    } catch (error) {
      // Images that windows do not fit into are refused.
      if (!isVoxplainError(error, "mismatch")) throw error;
    }
  });

  it.each(casesOf(seeds, (seed) => seed < 60))(
    "hand back what rules for activations let through: seed %i",
    (seed) => {
      try {
        const { dims, blocks, image, random } = randomCase(seed);
        // What windows that overlap hand to one value is ruled as a sum.
        if (blocks.some(({ pooling }) => pooling?.window[0] === 3)) return;
        const kernels = blockKernels(blocks, dims);
        const expected = referenceBlocks(blocks, dims, image);
        const gradient = fill(kernels.cutGradient.length, () => 2 * random() - 1);
        for (const rule of ["guided", "deconvolution"] as const) {
          kernels.input.set(image);
          kernels.forward();
          kernels.cutGradient.set(gradient);
          kernels.backward({ rule });
          expect(distance(kernels.gradient, expected.backward(gradient, rule))).toBeLessThan(2e-6);
        }
      } catch (error) {
        if (!isVoxplainError(error, "mismatch")) throw error;
      }
    },
  );
});
