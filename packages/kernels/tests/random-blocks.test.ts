import { isVoxplainError } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { blockKernels } from "../src/index.ts";
import { compareWithFloat64, distance, fill, randomCase } from "./examples.ts";
import { referenceBlocks } from "./reference.ts";

const seeds = Array.from({ length: 400 }, (_, k) => k);

describe("blocks of any kind", () => {
  it.each(casesOf(seeds, (seed) => seed < 40))("equal float64: seed %i", (seed) => {
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

  it.each(casesOf(seeds, (seed) => seed < 40))(
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
