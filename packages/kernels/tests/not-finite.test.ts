import { describe, expect, it } from "vitest";
import { blockKernels } from "../src/index.ts";
import { fill, randomBlock, randomNumbers } from "./examples.ts";
import { referenceBlock } from "./reference.ts";

const dims = [9, 10, 19];
const cases = [
  ["one channel", { channels: 1 }],
  ["eight channels", { channels: 8 }],
  ["overlapping windows", { channels: 2, pooling: "overlapping" }],
  ["no pooling", { channels: 1, pooling: "none" }],
  ["averages", { channels: 1, pooling: "average" }],
] as const;

describe("an image with values that are not finite", () => {
  it.each(cases)("gets NaN where PyTorch gives it, and nowhere else: %s", (_, choice) => {
    const random = randomNumbers(9);
    const block = randomBlock(dims, random, choice);
    const kernels = blockKernels([block], dims);
    const image = fill(kernels.input.length, () => 2 * random() - 1);
    image[700] = Number.NaN;
    kernels.input.set(image);
    kernels.forward();
    const expected = referenceBlock(block, dims, image).output;
    const isMissing = (values: ArrayLike<number>) => Array.from(values, (v) => Number.isNaN(v));
    expect(isMissing(kernels.cut)).toEqual(isMissing(expected));
    expect(isMissing(kernels.cut)).toContain(true);
    const rest = (values: ArrayLike<number>) => Array.from(values).filter((v) => !Number.isNaN(v));
    const known = rest(expected);
    expect(rest(kernels.cut).every((v, k) => Math.abs(v - (known[k] ?? 0)) < 1e-5)).toBe(true);
  });

  it("is not remembered by the next image", () => {
    const random = randomNumbers(9);
    const block = randomBlock(dims, random, { channels: 1 });
    const kernels = blockKernels([block], dims);
    const image = fill(kernels.input.length, () => 2 * random() - 1);
    kernels.input.set(image);
    kernels.forward();
    const before = kernels.cut.slice();
    kernels.input[5] = Number.POSITIVE_INFINITY;
    kernels.forward();
    expect(kernels.cut).not.toEqual(before);
    kernels.input.set(image);
    kernels.forward();
    expect(kernels.cut).toEqual(before);
  });

  it("computes huge values without an overflow of its own", () => {
    const random = randomNumbers(2);
    const block = randomBlock(dims, random, { channels: 1, slope: undefined });
    const kernels = blockKernels([block], dims);
    const image = fill(kernels.input.length, () => (2 * random() - 1) * 1e38);
    kernels.input.set(image);
    kernels.forward();
    const expected = Float32Array.from(referenceBlock(block, dims, image).output);
    expect(kernels.cut.every((v, k) => Math.abs(v - (expected[k] ?? 0)) <= 1e-5 * 1e38)).toBe(true);
  });
});
