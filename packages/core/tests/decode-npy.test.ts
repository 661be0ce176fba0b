import { decodeNpy } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

const file = (name: string) => fixture(`npy/${name}.npy`);

/** What numpy saved, in C order: 0, 1, 2, … times three, minus five. */
const values = Array.from({ length: 24 }, (_, k) => 3 * k - 5);

describe("decodeNpy", () => {
  it.each([
    ["float32", "float32"],
    ["float64", "float64"],
    ["fortran", "float32"],
    ["int16", "int16"],
    ["version2", "float32"],
  ])("reads %s", (name, dtype) => {
    const array = decodeNpy(file(name), name);
    expect(array.dtype).toBe(dtype);
    expect(array.dims).toEqual([2, 3, 4]);
    expect(Array.from(array.data as Float32Array)).toEqual(values);
  });

  it("reads a scalar and a vector", () => {
    expect(decodeNpy(file("scalar"), "scalar")).toMatchObject({ dims: [], data: Float64Array.of(2.5) });
    expect(decodeNpy(file("vector"), "vector")).toMatchObject({ dims: [3], data: Uint8Array.of(1, 2, 3) });
  });

  it.each([
    [
      "what is no array",
      Buffer.from("PK\x03\x04 something else"),
      /^x\.npy: not a \.npy file: wrong magic bytes$/,
    ],
    [
      "a file that ends early",
      file("float32").subarray(0, 150),
      /^x\.npy: the values .* incomplete: expected 96 bytes, found 22$/,
    ],
    [
      "objects",
      file("objects"),
      /expected little-endian real numbers, found '\|O'; save it as numbers, such as numpy/,
    ],
    [
      "big-endian numbers",
      file("bigendian"),
      /expected little-endian real numbers, found '>f4'; save it as numbers, such as numpy/,
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeNpy(bytes, "x.npy")).toThrow(message);
  });
});
