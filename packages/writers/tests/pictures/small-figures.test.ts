import type { Affine, Volume } from "@voxplain/core";
import { renderGlassBrain, renderSlices, renderSmallPlanes } from "@voxplain/writers/pictures";
import { describe, expect, it } from "vitest";
import { decode, isCold, isWarm, type Picture, pixelsWhere, type Wanted } from "./pixels.ts";

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const isGrey: Wanted = (r, g, b) => r > 30 && r === g && g === b;

/** 20 × 20 × 20 voxels of 2 mm around the origin. */
const ras: Affine = [
  [2, 0, 0, -19],
  [0, 2, 0, -19],
  [0, 0, 2, -19],
  [0, 0, 0, 1],
];
/** The same head, stored from right to left and from top to bottom. */
const turned: Affine = [
  [-2, 0, 0, 19],
  [0, 2, 0, -19],
  [0, 0, -2, 19],
  [0, 0, 0, 1],
];

function volumeOf(valueAt: (x: number, y: number, z: number) => number, affine = ras): Volume {
  const data = new Float32Array(8000);
  for (let n = 0; n < 8000; n++) {
    const [i, j, k] = [Math.floor(n / 400), Math.floor(n / 20) % 20, n % 20];
    const place = (row: number) =>
      affine[row]?.reduce((sum, a, c) => sum + a * ([i, j, k, 1][c] ?? 0), 0) ?? 0;
    data[n] = valueAt(place(0), place(1), place(2));
  }
  return { data, shape: [20, 20, 20], affine };
}

/** A positive spot at the right, and a weaker negative one at the left, both in the upper half. */
const twoSpots = (x: number, y: number, z: number) =>
  Math.hypot(x - 11, y, z - 9) < 5 ? 2 : Math.hypot(x + 11, y, z - 9) < 5 ? -1 : 0;
const head = (x: number, y: number, z: number) => (Math.hypot(x, y, z) < 18 ? 100 + x : 0);

describe("renderSmallPlanes", () => {
  it.each([
    ["stored from left to right", ras],
    ["stored from right to left and top to bottom", turned],
  ])("shows the right of the head at the right, %s", async (_, affine) => {
    const picture = await decode(
      await renderSmallPlanes(volumeOf(twoSpots, affine), { anatomy: volumeOf(head, affine) }),
    );
    expect(picture.width).toBe(900);
    // In the axial plane, the last one, both spots can be seen; the colour bar begins at 782.
    const axial = ({ x }: { x: number }) => x > 520 && x < 780;
    const warm = pixelsWhere(picture, isWarm).filter(axial);
    const cold = pixelsWhere(picture, isCold).filter(axial);
    expect(warm.length).toBeGreaterThan(50);
    expect(cold.length).toBeGreaterThan(50);
    expect(meanOf(warm.map(({ x }) => x))).toBeGreaterThan(meanOf(cold.map(({ x }) => x)));
  });

  it("shows the map on black without an anatomy, in the width that is asked for", async () => {
    const map = volumeOf(twoSpots);
    const plain = await decode(await renderSmallPlanes(map, { width: 640 }));
    const under = await decode(await renderSmallPlanes(map, { width: 640, anatomy: volumeOf(head) }));
    expect(plain.width).toBe(640);
    const inPlanes = (picture: Picture) =>
      pixelsWhere(picture, isGrey).filter(({ x, y }) => x < 500 && y > 20 && y < 150);
    expect(inPlanes(under).length).toBeGreaterThan(inPlanes(plain).length + 3000);
    expect(pixelsWhere(plain, isWarm).length).toBeGreaterThan(50);
  });

  it("refuses an anatomy on another grid", async () => {
    await expect(renderSmallPlanes(volumeOf(twoSpots), { anatomy: volumeOf(head, turned) })).rejects.toThrow(
      "both must be on the same grid",
    );
  });
});

describe("renderSlices", () => {
  it.each([
    ["stored from the bottom", ras],
    ["stored from the top", turned],
  ])("goes from the bottom at the left above to the top at the right below, %s", async (_, affine) => {
    const picture = await decode(await renderSlices(volumeOf(twoSpots, affine)));
    const spots = pixelsWhere(picture, isWarm).filter(({ x }) => x < 770);
    expect(spots.length).toBeGreaterThan(50);
    // Both spots are in the upper half of the head: in the second row.
    expect(Math.min(...spots.map(({ y }) => y))).toBeGreaterThan(picture.height / 2);
  });

  it("draws a volume of a single slice", async () => {
    const flat: Volume = { data: new Float32Array(400).fill(1), shape: [20, 20, 1], affine: ras };
    expect(pixelsWhere(await decode(await renderSlices(flat)), isWarm).length).toBeGreaterThan(500);
  });
});

describe("renderGlassBrain", () => {
  it("shows values of every depth, the strongest of each sign in its colour", async () => {
    const picture = await decode(await renderGlassBrain(volumeOf(twoSpots)));
    const [warm, cold] = [isWarm, isCold].map((wanted) =>
      pixelsWhere(picture, wanted).filter(({ x }) => x < 780),
    );
    // From the left the positive spot is before the weaker negative one; from the front and above both are seen.
    const third = (pixels: readonly { x: number }[] | undefined, n: number) =>
      (pixels ?? []).filter(({ x }) => Math.floor(x / 260) === n).length;
    expect(third(cold, 0)).toBe(0);
    for (const n of [0, 1, 2]) expect(third(warm, n)).toBeGreaterThan(50);
    for (const n of [1, 2]) expect(third(cold, n)).toBeGreaterThan(50);
  });

  it("outlines the mask, marks peaks with their text, and says so where nothing is above a threshold", async () => {
    const nothing = volumeOf(() => 0);
    const mask = volumeOf(head).data.map((value) => (value === 0 ? 0 : 1));
    const white = (picture: Picture) =>
      pixelsWhere(picture, (r, g, b) => r > 250 && g > 250 && b > 250).length;
    const edge = (picture: Picture) =>
      pixelsWhere(picture, (r, g, b) => r === 200 && g === 200 && b === 200).length;
    const plain = await decode(await renderGlassBrain(nothing));
    const outlined = await decode(await renderGlassBrain(nothing, { mask }));
    const marked = await decode(
      await renderGlassBrain(nothing, { mask, peaks: [{ at: [11, 0, 9], label: "7" }] }),
    );
    expect(edge(outlined)).toBeGreaterThan(edge(plain) + 300);
    expect(white(marked)).toBeGreaterThan(white(outlined));
    const isText: Wanted = (r, g, b) => r > 150 && r === g && g === b;
    expect(pixelsWhere(plain, isText).length).toBeGreaterThan(100);
  });

  it("refuses a mask of another length", async () => {
    await expect(renderGlassBrain(volumeOf(twoSpots), { mask: new Uint8Array(7) })).rejects.toThrow(
      "the mask has 7 voxels",
    );
  });
});
