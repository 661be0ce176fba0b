import { type Affine, type Tensor, tensor, type Volume } from "@voxplain/core";
import {
  coolwarmColor,
  renderCurves,
  renderMap2d,
  renderOverlay2d,
  renderPlanes,
} from "@voxplain/writers/pictures";
import { describe, expect, it } from "vitest";
import { layOut } from "../../src/pictures/plane-layout.ts";
import { planeViews } from "../../src/pictures/plane-views.ts";
import { decode, isCold, isWarm, type Picture, pixelsWhere, type Wanted } from "./pixels.ts";

function colorAt({ data, width }: Picture, x: number, y: number): number[] {
  const start = 4 * (y * width + x);
  return [...data.subarray(start, start + 3)];
}

const lpi: Affine = [
  [-2, 0, 0, 20],
  [0, -2, 0, 26],
  [0, 0, -2, 17],
  [0, 0, 0, 1],
];
const shape = [21, 27, 18] as const;

function volumeOf(valueAt: (i: number, j: number, k: number) => number, affine = lpi): Volume {
  const data = new Float32Array(21 * 27 * 18);
  let n = 0;
  for (let i = 0; i < 21; i++)
    for (let j = 0; j < 27; j++) for (let k = 0; k < 18; k++) data[n++] = valueAt(i, j, k);
  return { data, shape, affine };
}

const anatomy = volumeOf((i, j, k) => (Math.hypot(i - 10, j - 13, k - 9) < 8 ? 100 + i + j + k : 0));

describe("renderPlanes", () => {
  it("shows a spot of an LPI volume at the patient's right, front and top, in warm colours", async () => {
    // Voxel [4, 6, 3] is at (12, 14, 11) mm: right of, before and above the middle.
    const spot = volumeOf((i, j, k) => Math.exp(-(((i - 4) ** 2 + (j - 6) ** 2 + (k - 3) ** 2) / 3)));
    const picture = await decode(await renderPlanes(spot, anatomy, { vmax: 1 }));
    expect(picture.width).toBe(1500);
    const tallest = Math.max(...layOut(planeViews(spot, [4, 6, 3])).map((panel) => panel.height));
    const planes = pixelsWhere(picture, isWarm).filter(({ x }) => x < 1330);
    for (const { x: from, width } of layOut(planeViews(spot, [4, 6, 3]))) {
      const inside = planes.filter(({ x }) => x >= from && x < from + width);
      expect(inside.length).toBeGreaterThan(100);
      expect(inside.every(({ x }) => x > from + width / 2)).toBe(true);
      // All three planes are centred around the same height: the picture's tallest plane's middle.
      expect(inside.every(({ y }) => y < 92 + tallest / 2)).toBe(true);
    }
  });

  it("shows negative values in cold colours, and none below a tenth of the scale", async () => {
    const cold = volumeOf((i) => (i < 5 ? -1 : 0.09));
    const picture = await decode(await renderPlanes(cold, anatomy, { vmax: 1, voxel: [2, 13, 9] }));
    const left = (wanted: Wanted) => pixelsWhere(picture, wanted).filter(({ x }) => x < 1330);
    expect(left(isCold).length).toBeGreaterThan(1000);
    expect(left(isWarm)).toEqual([]);
  });

  it("draws text: the title, and a longer one cut to the picture", async () => {
    const map = volumeOf((i) => i);
    const bright = async (title?: string) => {
      const picture = await decode(await renderPlanes(map, anatomy, title === undefined ? {} : { title }));
      return pixelsWhere(picture, (red) => red > 128).filter(({ y }) => y < 80);
    };
    expect(await bright()).toEqual([]);
    const short = await bright("sub-01, ses-M00");
    expect(short.length).toBeGreaterThan(300);
    const long = await bright("W".repeat(500));
    expect(long.length).toBeGreaterThan(short.length);
    expect(Math.max(...long.map(({ x }) => x))).toBeLessThan(1460);
  });

  it.each<[string, Volume]>([
    ["is 0 everywhere", volumeOf(() => 0)],
    ["has no finite value", volumeOf(() => Number.NaN)],
    ["is one plane thick", { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 1, 3], affine: lpi }],
    ["is a flat rod", { data: new Float32Array(2000).fill(1), shape: [2000, 1, 1], affine: lpi }],
    ["is a long rod", { data: new Float32Array(2000).fill(1), shape: [1, 1, 2000], affine: lpi }],
  ])("draws a map that %s", async (_, map) => {
    const picture = await decode(await renderPlanes(map, map));
    expect(picture.width).toBe(1500);
    expect(picture.height).toBeLessThan(1300);
  });

  it.each<[string, Volume, object, RegExp]>([
    [
      "another shape",
      { ...anatomy, shape: [27, 21, 18] },
      {},
      /map is \[27, 21, 18\] and the anatomy \[21, 27, 18\]/,
    ],
    ["another affine", volumeOf((i) => i, [[2, 0, 0, 0], lpi[1], lpi[2], lpi[3]]), {}, /different affines/],
    ["vmax 0", anatomy, { vmax: 0 }, /above 0, not 0/],
    [
      "a voxel outside",
      anatomy,
      { voxel: [0, 27, 0] },
      /\[0, 27, 0\] is not in the map, which is \[21, 27, 18\]/,
    ],
  ])("refuses %s", async (_, map, options, message) => {
    await expect(renderPlanes(map, anatomy, options)).rejects.toThrow(message);
  });
});

describe("renderMap2d", () => {
  const rows = 9;
  const columns = 13;
  const values = Float32Array.from({ length: rows * columns }, (_, n) => Math.sin(n * 1.7) * 1.2);
  const map: Tensor<"float32"> = tensor("float32", [rows, columns], values);

  it("has matplotlib's colour in the middle of every voxel, first row on top", async () => {
    const picture = await decode(await renderMap2d(map, { vmax: 1 }));
    const size = 44; // the smallest even number with 9 · size ≥ 384
    const errors = [...values].map((value, n) => {
      const [x, y] = [48 + (n % columns) * size + size / 2, 48 + Math.floor(n / columns) * size + size / 2];
      const expected = coolwarmColor((value + 1) / 2);
      return Math.max(...colorAt(picture, x, y).map((level, c) => Math.abs(level - expected[c]!)));
    });
    // JPEG at quality 95 rounds three coefficients per flat block, each by at most one level or two.
    expect(Math.max(...errors)).toBeLessThanOrEqual(3);
  });

  it("keeps the colours of noise, where every voxel differs from its neighbours, within the bleeding of JPEG", async () => {
    const noise = Float32Array.from({ length: 128 * 128 }, (_, n) => Math.sin(n * n * 0.37) * 0.9);
    const picture = await decode(await renderMap2d(tensor("float32", [128, 128], noise), { vmax: 1 }));
    const errors = [...noise].map((value, n) => {
      const expected = coolwarmColor((value + 1) / 2);
      const [x, y] = [48 + (n % 128) * 4 + 1, 48 + Math.floor(n / 128) * 4 + 1];
      return colorAt(picture, x, y).reduce((sum, level, c) => sum + Math.abs(level - expected[c]!), 0) / 3;
    });
    // Colour is stored for 2 × 2 pixels and quantized in blocks of 8: strong edges every 4 pixels ring.
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(mean).toBeLessThan(3);
  });

  it("leaves what is not finite white", async () => {
    const holes = tensor("float32", [1, 2], Float32Array.of(Number.NaN, 1));
    const picture = await decode(await renderMap2d(holes, { vmax: 1 }));
    expect(Math.min(...colorAt(picture, 48 + 192, 48 + 192))).toBeGreaterThan(252);
  });

  it("labels its colour bar", async () => {
    const picture = await decode(await renderMap2d(map, { vmax: 0.5 }));
    const barEnd = 48 + 13 * 44 + 24 + 24;
    const ink = pixelsWhere(picture, (r, g, b) => Math.max(r, g, b) < 90).filter(({ x }) => x > barEnd + 10);
    expect(ink.length).toBeGreaterThan(200);
  });

  it.each<[string, readonly number[], number, RegExp]>([
    ["a volume", [3, 3, 13], 1, /a 2D map is \[H, W\], not \[3, 3, 13\]/],
    ["vmax 0", [9, 13], 0, /above 0, not 0/],
    ["an infinite vmax", [9, 13], Number.POSITIVE_INFINITY, /above 0, not Infinity/],
  ])("refuses %s", async (_, dims, vmax, message) => {
    await expect(renderMap2d(tensor("float32", dims, values), { vmax })).rejects.toThrow(message);
  });
});

describe("renderOverlay2d", () => {
  const image = tensor(
    "float32",
    [1, 20, 30],
    Float32Array.from({ length: 600 }, (_, k) => k % 30),
  );
  const spots = new Float32Array(600);
  spots[5 * 30 + 7] = 1;
  spots[15 * 30 + 20] = -1;

  it("paints what is positive warm and what is negative cold, where they are in the image", async () => {
    const picture = await decode(await renderOverlay2d(tensor("float32", [1, 20, 30], spots), image));
    // 24 pixels per voxel: the short side of 20 has 480.
    const center = (row: number, column: number) => [40 + 24 * column + 12, 72 + 24 * row + 12] as const;
    const [r, , b] = colorAt(picture, ...center(5, 7));
    expect(r).toBeGreaterThan(2 * b!);
    const [r2, , b2] = colorAt(picture, ...center(15, 20));
    expect(b2! - r2!).toBeGreaterThan(80);
    const [dark] = colorAt(picture, ...center(10, 1));
    const [bright] = colorAt(picture, ...center(10, 28));
    expect(bright! - dark!).toBeGreaterThan(150);
  });

  it("refuses a map of another size", async () => {
    const map = tensor("float32", [1, 30, 20], spots);
    await expect(renderOverlay2d(map, image)).rejects.toThrow("height and width must be the same");
  });
});

describe("renderCurves", () => {
  const options = { title: "Deletion", xLabel: "share of voxels", yLabel: "logit" };

  it("draws a line from its first point to its last, in its colour", async () => {
    const curve = {
      name: "map",
      points: [
        [0, 1],
        [1, 0],
      ] as const,
    };
    const picture = await decode(await renderCurves([curve], options));
    const blue = pixelsWhere(picture, (r, g, b) => b > 150 && r < 60 && g < 150).filter(({ x }) => x < 650);
    const [first, last] = [
      blue.reduce((a, p) => (p.x < a.x ? p : a)),
      blue.reduce((a, p) => (p.x > a.x ? p : a)),
    ];
    expect(last.y - first.y).toBeGreaterThan(350);
    expect(last.x - first.x).toBeGreaterThan(500);
  });

  it("refuses to plot nothing", async () => {
    await expect(renderCurves([{ name: "map", points: [[0, 1]] }], options)).rejects.toThrow(
      "nothing to plot",
    );
  });
});
