import { channelSum, firstChannel, identityAffine, mapVolume, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";

describe("the channels of a map", () => {
  it("are summed in float64 and rounded once", () => {
    // In float32, 2²⁴ + 1 + 1 would stay 2²⁴.
    const map = tensor("float32", [3, 1, 2], Float32Array.of(2 ** 24, 1, 1, 2, 1, 3));
    expect(channelSum(map)).toEqual(tensor("float32", [1, 2], Float32Array.of(2 ** 24 + 2, 6)));
  });

  it("are the map itself where there is one", () => {
    const map = tensor("float32", [1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(channelSum(map)).toEqual(tensor("float32", [2, 3], map.data));
    expect(firstChannel(map)).toEqual(channelSum(map));
  });

  it("of which only the first is wanted are not summed", () => {
    const map = tensor("float32", [2, 1, 1, 2], Float32Array.of(1, 2, 30, 40));
    expect(firstChannel(map)).toEqual(tensor("float32", [1, 1, 2], Float32Array.of(1, 2)));
  });

  it("become a volume, of a 2D map one voxel deep", () => {
    const map = tensor("float32", [2, 2, 2], Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40));
    expect(mapVolume(map, identityAffine)).toEqual({
      ...{ shape: [2, 2, 1], affine: identityAffine },
      data: Float32Array.of(11, 22, 33, 44),
    });
  });
});
