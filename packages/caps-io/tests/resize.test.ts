// Pillow is the reference: see fixtures/parts/make_parts.py.
import { describe, expect, it } from "vitest";
import { minMaxAdjoint } from "../src/transforms/min-max-adjoint.ts";
import { type PlaneSize, resizeAdjoint, resizeBytes } from "../src/transforms/resize.ts";
import { partExpectations as expected, type Packed, sha256, unpack } from "./part-fixtures.ts";

/** Pixel k is the highest byte of k · 2654435761 mod 2^32. */
const hashed = ([height, width]: PlaneSize) =>
  Uint8Array.from({ length: height * width }, (_, k) => Math.imul(k, 2654435761) >>> 24);

interface Resize {
  readonly from: PlaneSize;
  readonly to: PlaneSize;
  readonly values?: readonly number[];
  readonly sha256?: string;
}

describe("the resize of 8-bit planes", () => {
  it.each(expected.resize as Resize[])(
    "gives Pillow's bytes from $from to $to",
    ({ from, to, ...pillow }) => {
      const resized = resizeBytes(hashed(from), from, to);
      if (pillow.values) expect(Array.from(resized)).toEqual(pillow.values);
      else expect(sha256(resized)).toBe(pillow.sha256);
    },
  );
});

describe("the adjoint of the resize", () => {
  it.each(expected.resize_adjoint as { from: PlaneSize; to: PlaneSize; gradient: Packed; adjoint: Packed }[])(
    "is the transpose of Pillow's matrix, from $from to $to",
    ({ from, to, gradient, adjoint }) => {
      const carried = resizeAdjoint(unpack(gradient), from, to);
      const reference = unpack(adjoint);
      // Pillow's float weights are rounded to 24 bits, those of its 8-bit resize to multiples of 2^-22.
      carried.forEach((value, k) => {
        expect(Math.abs(value - reference[k]!)).toBeLessThan(1e-5);
      });
      expect(carried).toHaveLength(reference.length);
    },
  );

  it.each([
    [
      [7, 5],
      [11, 5],
    ],
    [
      [7, 5],
      [7, 3],
    ],
    [
      [31, 4],
      [9, 4],
    ],
    [
      [3, 29],
      [3, 61],
    ],
  ] as [PlaneSize, PlaneSize][])(
    "has the very weights of the forward pass, which only rounds to 8 bits: from %j to %j",
    (from, to) => {
      const pixels = hashed(from);
      const resized = resizeBytes(pixels, from, to);
      const outputs = to[0] * to[1];
      for (let output = 0; output < outputs; output++) {
        // The adjoint of a unit vector is a row of the matrix: <A x, e> = <x, A' e>.
        const row = resizeAdjoint(
          Float64Array.from({ length: outputs }, (_, k) => +(k === output)),
          from,
          to,
        );
        const exact = row.reduce((sum, weight, k) => sum + weight * pixels[k]!, 0);
        expect(resized[output]).toBe(Math.min(255, Math.floor(exact + 0.5)));
      }
    },
  );
});

describe("the adjoint of min-max", () => {
  it("shares the gradient of an extreme evenly among the voxels that have it, as torch", () => {
    const { values, weights, gradient } = expected.min_max_gradient;
    const carried = minMaxAdjoint(weights, Float32Array.from(values));
    carried.forEach((value, k) => {
      expect(value).toBeCloseTo(gradient[k], 14);
    });
  });

  it("agrees with finite differences", () => {
    const values = Float64Array.of(0.5, 2, -1, 3, 1.25);
    const weights = [0.3, -0.7, 1.1, 0.2, -0.4];
    const loss = (x: Float64Array) => {
      const [low, high] = [Math.min(...x), Math.max(...x)];
      return x.reduce((sum, value, k) => sum + weights[k]! * ((value - low) / (high - low)), 0);
    };
    const carried = minMaxAdjoint(weights, Float32Array.from(values));
    carried.forEach((value, k) => {
      const step = 1e-6;
      const numeric = loss(values.with(k, values[k]! + step)) - loss(values.with(k, values[k]! - step));
      expect(value).toBeCloseTo(numeric / (2 * step), 8);
    });
  });

  it("of a constant image is zero", () => {
    expect(Array.from(minMaxAdjoint([1, 2, 3], Float32Array.of(4, 4, 4)))).toEqual([0, 0, 0]);
  });
});
