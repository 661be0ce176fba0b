import { type Affine, axisCodes, closestAxes, identityAffine } from "@voxplain/core";
import { expect, it } from "vitest";

it("the identity grows to the right, the front and the top", () => {
  expect(axisCodes(identityAffine)).toBe("RAS");
});

it("an axis is named after the direction it runs along most", () => {
  const lpi: Affine = [
    [-2, 0, 0, 90],
    [0, -2, 0, 90],
    [0, 0, -2, 90],
    [0, 0, 0, 1],
  ];
  expect(axisCodes(lpi)).toBe("LPI");
  // Axes run superior, left, anterior; tilted by about 10 degrees.
  const tilted: Affine = [
    [0.1, -0.98, 0.15, 0],
    [0.15, 0.1, 0.98, 0],
    [0.98, 0.15, -0.1, 0],
    [0, 0, 0, 1],
  ];
  expect(axisCodes(tilted)).toBe("SLA");
});

it("no direction is taken twice, even at 45 degrees or for a degenerate matrix", () => {
  const diagonal: Affine = [
    [1, 1, 0, 0],
    [1, 0.99, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  const zero: Affine = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
  ];
  for (const affine of [diagonal, zero]) {
    expect(
      closestAxes(affine)
        .map(({ world }) => world)
        .sort(),
    ).toEqual([0, 1, 2]);
  }
});
