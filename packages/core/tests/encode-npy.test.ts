import { elementCount, encodeNpy, type Tensor, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { fixture, jsonFixture } from "./fixture.ts";

/** n ↦ n / 8 − 3, as make_npy.py fills its ramps. */
function rampOf(dims: readonly number[]): Tensor<"float32"> {
  return tensor(
    "float32",
    dims,
    Float32Array.from({ length: elementCount(dims) }, (_, n) => n / 8 - 3),
  );
}

describe("encodeNpy", () => {
  it.each([
    ["scalar", []],
    ["vector", [7]],
    ["matrix", [5, 7]],
    ["volume", [5, 7, 6]],
    ["channels", [1, 5, 7, 6]],
    ["rank-8", [1, 2, 1, 3, 1, 2, 1, 1]],
    ["empty", [0, 3]],
  ])("writes the same bytes as numpy.save: %s", (name, dims) => {
    expect(encodeNpy(rampOf(dims))).toEqual(fixture(`npy/ramps/${name}.npy`));
  });

  it("pads headers as numpy does whatever the number of digits", () => {
    const headers = Object.entries(jsonFixture("npy/headers.json") as Record<string, string>);
    expect(headers.length).toBeGreaterThan(30);
    for (const [dims, expected] of headers) {
      const shape = JSON.parse(dims) as number[];
      const file = encodeNpy(rampOf(shape));
      expect(Buffer.from(file.subarray(0, expected.length / 2)).toString("hex"), dims).toBe(expected);
    }
  });

  it("writes a view of a larger array, and not the bytes around it", () => {
    const around = rampOf([10]).data;
    const view = tensor("float32", [2, 3], around.subarray(2, 8));
    const own = tensor("float32", [2, 3], around.slice(2, 8));
    expect(encodeNpy(view)).toEqual(encodeNpy(own));
  });
});
