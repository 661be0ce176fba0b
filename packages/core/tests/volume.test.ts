import {
  type Affine,
  affineProblem,
  axisCodes,
  closestAxes,
  cornerDistance,
  identityAffine,
  knownPosition,
  voxelSizes,
} from "@voxplain/core";
import { describe, expect, it } from "vitest";

it("the identity grows to the right, the front and the top", () => {
  expect(axisCodes(identityAffine)).toBe("RAS");
});

it("an exact identity and no affine at all give no position in the world", () => {
  expect(knownPosition(undefined)).toBeUndefined();
  expect(knownPosition(identityAffine)).toBeUndefined();
  const almost: Affine = [[1, 0, 0, 1e-6], ...identityAffine.slice(1)] as unknown as Affine;
  expect(knownPosition(almost)).toBe(almost);
});

it("voxel sizes are the lengths of the affine's columns, also where axes are oblique", () => {
  const oblique: Affine = [
    [0, -3, 0, 5],
    [1.2, 0, 0, 6],
    [1.6, 0, 0.5, 7],
    [0, 0, 0, 1],
  ];
  expect(voxelSizes(oblique)).toEqual([2, 3, 0.5]);
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

const affineOf = (...rows: readonly (readonly number[])[]) => [...rows, [0, 0, 0, 1]] as unknown as Affine;

describe("an affine that does not place voxels in space", () => {
  it.each([
    [
      "all zeros",
      [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
      "is all zeros",
    ],
    [
      "an origin alone",
      [
        [0, 0, 0, 9],
        [0, 0, 0, 9],
        [0, 0, 0, 9],
      ],
      "is all zeros",
    ],
    [
      "one axis of no length",
      [
        [1, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 1, 0],
      ],
      "is singular: the voxel size along axis 2 is 0",
    ],
    [
      "two axes that run along each other",
      [
        [1, 2, 0, 0],
        [1, 2, 0, 0],
        [0, 0, 1, 0],
      ],
      "is singular: its axes are in one plane",
    ],
    [
      "NaN",
      [
        [Number.NaN, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      "holds NaN or infinite values",
    ],
    [
      "an infinite origin",
      [
        [1, 0, 0, Infinity],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      "holds NaN or infinite values",
    ],
    [
      "a value beyond float32",
      [
        [1e39, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      "holds NaN or infinite values",
    ],
    [
      "a size that is nothing beside the others",
      [
        [1e-12, 0, 0, 0],
        [0, 2, 0, 0],
        [0, 0, 1, 0],
      ],
      "is singular: the voxel size along axis 1 is 1e-12 beside 2",
    ],
    [
      "a size that is 0 in float32",
      [
        [1e-50, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      "is singular: the voxel size along axis 1 is 0",
    ],
  ] as const)("has %s", (_, rows, problem) => {
    expect(affineProblem(affineOf(...rows))).toBe(problem);
  });

  it("is none with shears, flips and voxels of any size", () => {
    expect(affineProblem(identityAffine)).toBeUndefined();
    expect(affineProblem(affineOf([-1e-3, 0.5e-3, 0, 1e5], [0, 1e-3, 0, 0], [0, 0, 1e4, 0]))).toBeUndefined();
  });
});

describe("the distance between the corners of a grid under two affines", () => {
  it("is 0 for one affine, and that of the origins for shifted ones", () => {
    const shifted = affineOf([1, 0, 0, 3], [0, 1, 0, 4], [0, 0, 1, 0]);
    expect(cornerDistance(identityAffine, identityAffine, [10, 10, 10])).toBe(0);
    expect(cornerDistance(identityAffine, shifted, [10, 10, 10])).toBe(5);
  });

  it("grows with the grid where the voxel sizes differ, and not along an axis of one voxel", () => {
    const larger = affineOf([1.001, 0, 0, 0], [0, 1, 0, 0], [0, 0, 7, 0]);
    expect(cornerDistance(identityAffine, larger, [101, 5, 1])).toBeCloseTo(0.1, 10);
    expect(cornerDistance(identityAffine, larger, [5, 5])).toBeCloseTo(0.004, 10);
  });

  it("is the length of the image for a mirrored one in the same box", () => {
    const mirrored = affineOf([-1, 0, 0, 9], [0, 1, 0, 0], [0, 0, 1, 0]);
    expect(cornerDistance(identityAffine, mirrored, [10, 10, 10])).toBe(9);
  });
});
