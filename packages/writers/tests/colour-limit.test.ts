import { colourLimit } from "@voxplain/writers";
import { describe, expect, it } from "vitest";

describe("colourLimit", () => {
  it("is the 99.9th percentile of |map| with two digits", () => {
    const map = Float32Array.from({ length: 10001 }, (_, n) => (n % 2 === 0 ? n : -n) * 1e-6);
    expect(colourLimit(map)).toBe(0.01);
    expect(colourLimit(map.map((value) => value * 1.2345))).toBe(0.012);
  });

  it("is the largest value of a map that is 0 nearly everywhere, and 1 of one that is 0", () => {
    const map = new Float32Array(5000);
    expect(colourLimit(map)).toBe(1);
    map[17] = -0.25;
    expect(colourLimit(map)).toBe(0.25);
  });
});
