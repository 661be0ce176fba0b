import { resizeLinear } from "@voxplain/core";
import { describe, expect, it } from "vitest";

describe("resizeLinear", () => {
  it("interpolates between voxel centres and repeats the edges", () => {
    // Centres of 4 in units of 2: -0.25, 0.25, 0.75, 1.25
    expect([...resizeLinear(Float64Array.of(0, 4), [2], [4])]).toEqual([0, 1, 3, 4]);
    expect([...resizeLinear(Float64Array.of(0, 4, 8, 12), [2, 2], [1, 2])]).toEqual([4, 8]);
  });
});
