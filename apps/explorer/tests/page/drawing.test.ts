import { identityAffine } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { colourAt, colourMaps } from "../../src/viewer/colour-maps.ts";
import { colourLimits, greyRange } from "../../src/viewer/intensity-range.ts";
import { endsOf, legendOf } from "../../src/viewer/legend.ts";
import { drawnPlanes, type Extents, planeMarks, tilesOf } from "../../src/viewer/plane-layout.ts";

const extents: Extents = [
  [-100, 100],
  [-120, 80],
  [-60, 84],
];

describe("the planes of a picture", () => {
  // 200 mm from left to right, 100 mm from back to front: twice as wide as high.
  const room = { clientWidth: 440, clientHeight: 440 };
  const planes = drawnPlanes(tilesOf("planes", room, extents), room, { axial: [200, 100] });

  it("keep their proportions, in the middle of their places", () => {
    // The place is at the lower left, of 200 × 240 pixels.
    expect(planes.map(({ plane, at, ...place }) => [plane, at, place])).toEqual([
      [
        "axial",
        undefined,
        {
          left: 0,
          top: expect.closeTo((200 + 70) / 440),
          width: expect.closeTo(200 / 440),
          height: expect.closeTo(100 / 440),
          millimetresPerPixel: expect.closeTo(1),
        },
      ],
    ]);
  });

  it.each([
    [false, "L", "R"],
    [true, "R", "L"],
  ])(
    "have their letters at their own edges, in the radiological convention: %s",
    (radiological, left, right) => {
      const at = (x: number, y: number) => ({ x: expect.closeTo(x / 440), y: expect.closeTo(y / 440) });
      expect(planeMarks(planes, { radiological })).toEqual([
        { text: left, edge: "left", ...at(0, 320) },
        { text: right, edge: "right", ...at(200, 320) },
        { text: "A", edge: "top", ...at(100, 270) },
        { text: "P", edge: "bottom", ...at(100, 370) },
      ]);
    },
  );

  it("have one scale without a rendering: in a row of a wide place, in a square in the middle of another", () => {
    const sizes = { axial: [150, 180], coronal: [150, 150], sagittal: [180, 150] } as const;
    const drawnIn = (place: typeof room) => drawnPlanes(tilesOf("planes-only", place, extents), place, sizes);
    const scales = (place: typeof room) => drawnIn(place).map((plane) => plane.millimetresPerPixel);
    expect(scales({ clientWidth: 1600, clientHeight: 800 })).toEqual([0.3, 0.3, 0.3]);
    const high = { clientWidth: 330, clientHeight: 550 };
    expect(scales(high)).toEqual([1, 1, 1].map((scale) => expect.closeTo(scale)));
    const [coronal, sagittal, axial] = drawnIn(high);
    expect(coronal?.top).toBeCloseTo(0.2);
    // What is one point of the brain is on one line.
    expect(axial?.left).toBeCloseTo(coronal?.left ?? 1);
    expect(sagittal?.top).toBeCloseTo(coronal?.top ?? 1);
  });

  it("are slices in a mosaic, from the bottom to the top of the anatomy, each with its place", () => {
    const tiles = tilesOf("axial", { clientWidth: 1200, clientHeight: 400 }, extents);
    expect(tiles.map(({ at }) => at)).toEqual([-54, -42, -30, -18, -6, 6, 18, 30, 42, 54, 66, 78]);
    // Slices as wide as high fill six columns and two rows of a wide picture, above the line with the convention.
    const row = (1 - 24 / 400) / 2;
    expect(tiles[7]?.box).toEqual([1 / 6, row, 1 / 6, row].map((share) => expect.closeTo(share, 6)));
    const marks = planeMarks(drawnPlanes(tiles, room, { axial: [200, 200] }), { radiological: false });
    expect(marks.map(({ text }) => text).slice(0, 4)).toEqual(["L", "R", "z = −54", "z = −42"]);
  });
});

describe("the greys of an anatomy", () => {
  it("are black and white at the 2nd and 97th percentiles of the head, whatever the air and a few bright vessels", () => {
    const anatomy = Float32Array.from({ length: 20_000 }, (_, k) =>
      k < 12_000 ? 0.02 * Math.abs(Math.sin(k)) : k < 19_980 ? 0.3 + 0.3 * Math.abs(Math.sin(k)) : 1,
    );
    const head = anatomy.filter((value) => value > 0.1).sort();
    const [black, white] = greyRange(anatomy);
    expect(black).toBeCloseTo(head[0.02 * head.length] ?? 1, 3);
    expect(white).toBeCloseTo(head[0.97 * head.length] ?? 0, 3);
    expect(greyRange(new Float32Array(8).fill(3))).toEqual([0, 3]);
  });
});

describe("the scale of a map", () => {
  const display = { threshold: 0.25, fades: false, absolute: false };
  const scale = (least: number, most: number, more = {}) =>
    legendOf({ least, most }, 2, colourMaps["cold-hot"], { ...display, ...more });

  it("is symmetric where the map has both signs, and says which values go on beyond its ends", () => {
    const legend = scale(-3, 1);
    expect(endsOf(legend)).toEqual(["≤ −2.0", "2.0"]);
    expect(legend.stops[0]).toEqual({
      at: 0,
      colour: colourAt(colourMaps["cold-hot"].negative, 1),
      opacity: 1,
    });
    expect(legend.stops.at(-1)).toEqual({
      at: 1,
      colour: colourAt(colourMaps["cold-hot"].positive, 1),
      opacity: 1,
    });
    expect(legend.weak).toBe("below ±0.50 hidden");
  });

  it.each([
    ["a map of positive values", 0, 3, {}, ["0", "≥ 2.0"]],
    ["a map of negative values", -2, 0, {}, ["−2.0", "0"]],
    ["the size of values", -3, 1, { absolute: true }, ["0", "≥ 2.0"]],
  ] as const)("has one side for %s", (_, least, most, more, ends) => {
    expect(endsOf(scale(least, most, more))).toEqual(ends);
  });

  it("has no colour where weak values are hidden, and pale ones where they fade", () => {
    const at = (legend: ReturnType<typeof scale>, share: number) =>
      legend.stops.find((stop) => Math.abs(stop.at - share) < 1e-3)?.opacity;
    expect(at(scale(0, 2), 0.125)).toBe(0);
    expect(at(scale(0, 2, { fades: true }), 0.125)).toBe(0.25);
    expect(at(scale(0, 2), 0.5)).toBe(1);
  });
});

describe("the colours of maps beside each other", () => {
  const map = (largest: number, kind: string) => ({
    map: { data: Float32Array.of(0, -largest), shape: [2, 1, 1] as const, affine: identityAffine },
    kind,
  });

  it("mean the same values where both are of one kind", () => {
    expect(colourLimits([map(2, "gradients"), map(8, "gradients")])).toEqual([8, 8]);
  });

  it("end where the user wants them to", () => {
    expect(colourLimits([map(2, "gradients"), map(8, "occlusion")], 3)).toEqual([3, 3]);
  });

  it("have their own ranges where the values have nothing in common", () => {
    expect(colourLimits([map(2, "gradients"), map(8, "occlusion")])).toEqual([2, 8]);
  });
});
