import { greyMean, toGreys } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

const greys = (...values: number[]) => ({ data: Uint8Array.from(values), count: 1 });

describe("toGreys", () => {
  it("rounds to the nearest of 256 greys between two values", () => {
    const image = Float32Array.of(-1, 0, 0.001, 0.0021, 1, 3);
    const into = new Uint8Array(image.length);
    toGreys(image, -1, 3, into);
    expect([...into]).toEqual([0, 64, 64, 64, 128, 255]);
    toGreys(Float32Array.of(0, 0.0019, 0.002, 1, 0.5, 0.999), 0, 1, into);
    expect([...into]).toEqual([0, 0, 1, 255, 128, 255]);
  });

  it("gives the zeros around a head the grey of 0", () => {
    const into = new Uint8Array(11);
    toGreys(Float32Array.of(0, 0, 0, 0, 3, 0, 0, 1, 0, 0, -1), -1, 3, into);
    expect([...into]).toEqual([64, 64, 64, 64, 255, 64, 64, 128, 64, 64, 0]);
  });

  it("makes a constant image 0", () => {
    const into = new Uint8Array(2).fill(9);
    toGreys(Float32Array.of(5, 5), 5, 5, into);
    expect([...into]).toEqual([0, 0]);
  });
});

describe("greyMean", () => {
  it("is from 0 to 1, and has the same sums whatever the order and the pieces", () => {
    const [all, pieces] = [greyMean(), greyMean()];
    const images = [greys(0, 255, 3), greys(0, 255, 200), greys(255, 255, 7)];
    for (const image of images) all.addSum(image);
    const [first, ...others] = images.toReversed();
    const block = greyMean();
    for (const image of others) block.addSum(image);
    if (first !== undefined) pieces.addSum(first);
    pieces.addSum(block.sum());
    expect(pieces.sum()).toEqual(all.sum());
    expect(all.count).toBe(3);
    expect([...all.mean()]).toEqual([1 / 3, 1, 210 / 765].map(Math.fround));
  });

  it("adds images with zeros wherever their bytes begin", () => {
    const image = Uint8Array.of(0, 0, 0, 0, 255, 0, 7, 0, 0, 0, 0, 0, 3);
    for (const before of [0, 1, 4]) {
      const data = Uint8Array.from([...new Uint8Array(before), ...image]).subarray(before);
      const mean = greyMean();
      for (let k = 0; k < 3; k++) mean.addSum({ data, count: 1 });
      expect([...mean.sum().data]).toEqual([...image].map((value) => 3 * value));
    }
  });

  it("does not change what it is given, and refuses an image of another size", () => {
    const mean = greyMean();
    const image = greys(1, 2);
    mean.addSum(image);
    mean.addSum(greys(3, 4));
    expect(image).toEqual(greys(1, 2));
    expect(() => mean.addSum(greys(1))).toThrow(
      "images of different sizes cannot be averaged: expected 2 voxels, found 1",
    );
    mean.clear();
    mean.addSum(greys(7));
    expect(mean.sum()).toEqual({ data: Uint32Array.of(7), count: 1 });
  });
});
