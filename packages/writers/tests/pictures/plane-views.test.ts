import { type Affine, pointAt, type Volume, type Voxel, voxelAt } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { obliqueness, planeViews, positionOf } from "../../src/pictures/plane-views.ts";
import { resizeSlice, sliceOf } from "../../src/pictures/slices.ts";
import { jsonFixture } from "../fixture.ts";

const affines = jsonFixture("affines.json") as Record<string, Affine>;
const shape = [5, 7, 6] as const;

/** A volume that is 0 but for one voxel. */
function hotVoxel(affine: Affine, [i, j, k]: Voxel): Volume {
  const data = new Float32Array(5 * 7 * 6);
  data[(i * 7 + j) * 6 + k] = 1;
  return { data, shape, affine };
}

/** The voxel of the grid that is furthest along a direction of the world. */
function extreme(affine: Affine, direction: readonly number[]): Voxel {
  const along = (n: number) => {
    const place = pointAt(voxelAt(n, shape), affine);
    return place.reduce((sum, mm, world) => sum + mm * direction[world]!, 0);
  };
  const indices = [...new Float32Array(5 * 7 * 6).keys()];
  return voxelAt(
    indices.reduce((best, n) => (along(n) > along(best) ? n : best)),
    shape,
  );
}

describe("planeViews", () => {
  // The corner that is most right, front and up, and its opposite, worked out in mm alone.
  it.each(Object.keys(affines))("shows right, front and top where their letters stand: %s", (name) => {
    const affine = affines[name]!;
    const corners = [
      { voxel: extreme(affine, [1, 1, 1]), column: "last", row: "first" },
      { voxel: extreme(affine, [-1, -1, -1]), column: "first", row: "last" },
    ] as const;
    for (const { voxel, column, row } of corners) {
      for (const view of planeViews({ shape, affine }, voxel)) {
        const slice = sliceOf(hotVoxel(affine, voxel), view, 0);
        const found = slice.values.indexOf(1);
        expect(found % slice.width, view.name).toBe(column === "first" ? 0 : slice.width - 1);
        expect(Math.floor(found / slice.width), view.name).toBe(row === "first" ? 0 : slice.height - 1);
      }
    }
  });

  it("names the edges in the neurological convention", () => {
    const letters = planeViews({ shape, affine: affines.las! }, [0, 0, 0]).map((view) => view.letters);
    expect(letters).toEqual([
      { left: "P", right: "A", top: "S", bottom: "I" },
      { left: "L", right: "R", top: "S", bottom: "I" },
      { left: "L", right: "R", top: "A", bottom: "P" },
    ]);
  });

  it("puts the crosshair onto the voxel it is about, in every orientation", () => {
    const voxel = [1, 5, 2] as const;
    for (const affine of Object.values(affines)) {
      for (const view of planeViews({ shape, affine }, voxel)) {
        const slice = sliceOf(hotVoxel(affine, voxel), view, 0);
        const column = positionOf(voxel[view.horizontal.axis], view.horizontal) * slice.width - 0.5;
        const row = positionOf(voxel[view.vertical.axis], view.vertical) * slice.height - 0.5;
        expect(slice.values.indexOf(1)).toBeCloseTo(row * slice.width + column, 9);
      }
    }
  });

  it("knows the voxels' sizes in axes that are permuted", () => {
    // x grows with the third axis (1.25 mm), y with the first, backwards (0.9 mm), z with the second (1.1 mm).
    const [sagittal, coronal] = planeViews({ shape, affine: affines.permuted! }, [1, 2, 3]);
    expect(sagittal).toMatchObject({
      across: { axis: 2, index: 3 },
      horizontal: { axis: 0, voxels: 5, spacing: 0.9, reversed: true },
      vertical: { axis: 1, voxels: 7, spacing: 1.1, reversed: true },
    });
    expect(coronal.horizontal).toEqual({ axis: 2, voxels: 6, spacing: 1.25, reversed: false });
  });
});

describe("obliqueness", () => {
  it("is the largest angle to the world's axes", () => {
    expect(obliqueness(affines.permuted!)).toBe(0);
    const [cos, sin] = [Math.cos(0.2), Math.sin(0.2)];
    const turned: Affine = [
      [2 * cos, -3 * sin, 0, 0],
      [2 * sin, 3 * cos, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    expect(obliqueness(turned)).toBeCloseTo((0.2 * 180) / Math.PI, 9);
  });
});

describe("sliceOf", () => {
  it("replaces what is not finite", () => {
    const volume = hotVoxel(affines.ras!, [0, 0, 0]);
    volume.data[0] = Number.NaN;
    const [sagittal] = planeViews(volume, [0, 0, 0]);
    const { values, width, height } = sliceOf(volume, sagittal, -5);
    expect(values.indexOf(-5)).toBe((height - 1) * width);
  });
});

describe("resizeSlice", () => {
  const slice = { width: 2, height: 1, values: Float32Array.of(0, 1) };

  it("is linear between the voxels' centres and flat beyond them", () => {
    expect([...resizeSlice(slice, 8, 2).values]).toEqual([
      0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1, 0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1,
    ]);
  });

  it("leaves a picture of the same size as it is", () => {
    expect(resizeSlice(slice, 2, 1)).toEqual(slice);
  });
});
