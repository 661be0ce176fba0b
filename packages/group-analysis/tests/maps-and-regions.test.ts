import { identityAffine } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import {
  agreement,
  falseDiscoveryRate,
  type Grid,
  labelNumbers,
  localization,
  type MapValues,
  meanMap,
  prepareMap,
  regionAtlas,
  regionTable,
  resampleLabels,
  resampleMask,
} from "../src/index.ts";

const nan = Number.NaN;
const line = (length: number, size = 1, start = 0): Grid => ({
  shape: [1, 1, length],
  affine: [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, size, start],
    [0, 0, 0, 1],
  ],
});

describe("prepareMap", () => {
  it.each<[MapValues, number[]]>([
    ["signed", [1, -2, 0, nan, nan]],
    ["absolute", [1, 2, 0, nan, nan]],
    ["positive", [1, 0, 0, nan, nan]],
    ["negative", [0, 2, 0, nan, nan]],
  ])("%s values; infinite ones are missing", (values, expected) => {
    expect([...prepareMap([1, -2, 0, nan, -Infinity], { values })]).toEqual(expected);
  });

  it.each([
    ["mass", [0.5, -1.5, nan]],
    ["max", [1 / 3, -1, nan].map(Math.fround)],
    ["sd", [0.5, -1.5, nan]],
  ] as const)("divides by %s over finite voxels", (normalize, expected) => {
    // mean |m| = 2, largest 3, standard deviation 2 (of the population).
    expect([...prepareMap([1, -3, nan], { normalize })]).toEqual(expected);
  });

  it("takes the divisor from the mask", () => {
    expect([...prepareMap([1, -3, 8], { normalize: "max", mask: [1, 0, 0] })]).toEqual([1, -3, 8]);
  });

  it("refuses what it cannot divide by, naming the session", () => {
    const zero = () => prepareMap([0, 0], { normalize: "mass", name: "sub-01, ses-M00" });
    expect(zero).toThrow("cannot normalize sub-01, ses-M00 by mass: the mean of its absolute values is 0");
    expect(() => prepareMap([nan], { normalize: "sd" })).toThrow("no voxel in the mask is finite");
  });
});

it("the mean of maps counts, at each voxel, those that are finite there", async () => {
  expect([
    ...(await meanMap([
      [1, nan, nan],
      [2, 4, Infinity],
    ])),
  ]).toEqual([1.5, 4, nan]);
  await expect(meanMap([])).rejects.toThrow("no map");
  await expect(meanMap([[1], [1, 2]])).rejects.toThrow("has 2 voxels, and the first one 1");
});

describe("an atlas on another grid", () => {
  it("half-way voxels go to the higher index", () => {
    // Voxels of 2 mm at 0, 2, 4 on voxels of 1 mm: 1 and 3 are half-way.
    expect([...resampleLabels([5, 6, 7], line(3, 2), line(6))]).toEqual([5, 6, 6, 7, 7, 0]);
  });

  it("half-way stays half-way where floating point is a little off", () => {
    const [fine, coarse] = [line(31, 0.1, -0.3), line(16, 0.2, -0.3)];
    const labels = Array.from({ length: 16 }, (_, k) => k + 1);
    const expected = Array.from({ length: 31 }, (_, k) => Math.floor(k / 2 + 0.5) + 1);
    expect([...resampleLabels(labels, coarse, fine)]).toEqual(
      expected.map((label) => (label > 16 ? 0 : label)),
    );
  });

  it("is turned and flipped where the affines say so", () => {
    const turned: Grid = {
      shape: [3, 1, 1],
      affine: [
        [0, 0, 1, 0],
        [0, 1, 0, 0],
        [-1, 0, 0, 2],
        [0, 0, 0, 1],
      ],
    };
    expect([...resampleLabels([7, 8, 9], turned, line(3))]).toEqual([9, 8, 7]);
  });

  it("has a coverage below 1 where the maps cut it off", () => {
    const atlas = regionAtlas({ ...line(8), data: [0, 1, 1, 1, 1, 2, 2, 2] }, line(3));
    expect(
      regionTable([1, 1, 1], atlas).map(({ name, voxels, coverage }) => [name, voxels, coverage]),
    ).toEqual([
      ["outside", 1, null],
      ["label-1", 2, 0.5],
      ["label-2", 0, null],
    ]);
  });

  it.each([
    ["a probabilistic one", [0, 0.4, 0.9], "aal.nii.gz is not a label image: it holds the value 0.4"],
    ["one with negative labels", [0, -1, 1], "the value -1"],
    ["one with missing values", [0, nan, 1], "the value NaN"],
  ])("is refused: %s", (_, data, message) => {
    expect(() => regionAtlas({ ...line(3), data }, line(3), new Map(), "aal.nii.gz")).toThrow(message);
  });

  it("may be a thousandth away from whole numbers", () => {
    expect([...labelNumbers({ ...line(3), data: [0.0009, 4.9995, 2] })]).toEqual([0, 5, 2]);
  });

  it("is refused where it does not overlap the maps, as is a mask", () => {
    const far = { ...line(3, 1, 100), data: [1, 1, 1] };
    expect(() => regionAtlas(far, line(3), new Map(), "far.nii.gz")).toThrow(
      "far.nii.gz does not overlap the maps",
    );
    expect(() => resampleMask(far, line(3), "far.nii.gz")).toThrow("far.nii.gz does not overlap the maps");
  });
});

describe("the table of regions", () => {
  const grid = { shape: [2, 1, 3], affine: identityAffine } as const;
  const atlas = regionAtlas({ ...grid, data: [0, 1, 1, 0, 1, 2] }, grid);

  it("adds shares up to 1, and takes chance from the volume", () => {
    const [outside, one, two] = regionTable([1, -2, 4, 0, 1, nan], atlas);
    expect(outside).toMatchObject({
      voxels: 2,
      sum: 1,
      meanAbs: 0.5,
      share: 1 / 8,
      enrichment: 1 / 8 / (2 / 5),
    });
    expect(one).toMatchObject({
      voxels: 3,
      sum: 3,
      mean: 1,
      meanAbs: 7 / 3,
      share: 7 / 8,
      peak: 4,
      peakAt: [0, 0, 2],
    });
    expect(two).toMatchObject({
      voxels: 0,
      volume: 0,
      coverage: null,
      sum: null,
      share: null,
      peak: null,
      peakAt: null,
    });
  });

  it("has no share where the map is 0 everywhere", () => {
    const rows = regionTable(new Float32Array(6), atlas);
    expect(rows.map(({ sum, share, enrichment }) => ({ sum, share, enrichment }))).toEqual(
      rows.map(() => ({ sum: 0, share: null, enrichment: null })),
    );
  });

  it("takes the first of equal peaks with x fastest", () => {
    // Row-major [0,0,2] comes before [1,0,1]; with x fastest [1,0,1] is first.
    expect(regionTable([0, 0, 5, 0, -5, 0], atlas)[1]).toMatchObject({ peak: -5, peakAt: [1, 0, 1] });
  });
});

describe("agreement", () => {
  it("ranks ties in the middle", () => {
    // scipy.stats.spearmanr([1, 2, 2, 3], [4, 1, 3, 3])
    expect(agreement([1, 2, 2, 3], [4, 1, 3, 3]).spearman).toBeCloseTo(-0.5, 12);
  });

  it("of a constant map is not available", () => {
    expect(agreement([2, 2, 2], [1, 2, 3])).toMatchObject({ pearson: null, spearman: null });
  });

  it("takes all ties at the cut, and never zeros", () => {
    // The strongest 10 % of 10 voxels is one: two are tied in the first map, and the second has one at all.
    const [one, other] = [new Float32Array(10), new Float32Array(10)];
    one[2] = -3;
    one[7] = 3;
    other[7] = 1;
    expect(agreement(one, other, { top: [10, 50] }).dice).toEqual([2 / 3, 2 / 3]);
    expect(agreement(new Float32Array(10), new Float32Array(10)).dice).toEqual([null, null, null]);
  });

  it("counts voxels that are finite in both, in the mask", () => {
    const found = agreement([1, nan, 3, 4, 5], [1, 2, Infinity, 4, 6], { mask: [1, 1, 1, 1, 0] });
    expect(found).toMatchObject({ voxels: 2, pearson: 1, spearman: expect.closeTo(1, 12) });
  });

  it("of no voxel is not available", () => {
    expect(agreement([nan], [1])).toEqual({
      voxels: 0,
      pearson: null,
      spearman: null,
      dice: [null, null, null],
    });
  });

  it("refuses percentages out of range", () => {
    expect(() => agreement([1], [1], { top: [0] })).toThrow("the strongest 0 %");
  });
});

describe("localization", () => {
  const grid = line(5, 2);

  it("of a map that is 0 everywhere is chance", () => {
    expect(localization(new Float32Array(5), [0, 1, 0, 0, 1], grid)).toEqual({
      massShare: null,
      volumeShare: 0.4,
      enrichment: null,
      pointingGame: null,
      peakDistance: null,
      auroc: 0.5,
      auprc: 0.4,
      relevanceRank: null,
    });
  });

  it("measures the peak in mm, and forgives the tolerance", () => {
    const map = [5, 0, 1, 0, 0];
    const found = [1.9, 4].map((tolerance) => localization(map, [0, 0, 1, 1, 0], grid, { tolerance }));
    expect(found.map(({ pointingGame, peakDistance }) => [pointingGame, peakDistance])).toEqual([
      [0, 4],
      [1, 4],
    ]);
  });

  it("counts a tie between truth and rest as one half", () => {
    // Pairs: 3 > 2, 3 > 0, 3 > 0; 2 = 2, 2 > 0, 2 > 0: 5.5 of 6. Precision 1 at 3, 2/3 at 2.
    const { auroc, auprc } = localization([3, 2, 2, 0, 0], [1, 1, 0, 0, 0], grid);
    expect(auroc).toBeCloseTo(5.5 / 6, 12);
    expect(auprc).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12);
  });

  it("finds all of a perfect map", () => {
    expect(localization([3, 2, 0, 0, 0], [1, 1, 0, 0, 0], grid)).toMatchObject({
      massShare: 1,
      auroc: 1,
      auprc: 1,
      relevanceRank: 1,
      pointingGame: 1,
    });
  });

  it("is refused where the truth is nowhere or everywhere", () => {
    expect(() => localization([1, 2, nan, 0, 0], [0, 0, 1, 0, 0], grid)).toThrow("covers no voxel");
    expect(() => localization([1, nan, nan, nan, nan], [1, 0, 0, 0, 0], grid)).toThrow("covers all voxels");
  });
});

it("false discovery rates are those of Benjamini and Hochberg, over what was tested", () => {
  // statsmodels.stats.multitest.multipletests([0.01, 0.04, 0.03, 0.5], method="fdr_bh")
  const q = falseDiscoveryRate([0.01, null, 0.04, 0.03, 0.5]);
  expect(q.map((value) => value && Math.round(value * 1e12) / 1e12)).toEqual([
    0.04,
    null,
    0.053333333333,
    0.053333333333,
    0.5,
  ]);
});

it("an image with a label for each voxel is no atlas", () => {
  const grid = line(20_002);
  const image = { ...grid, data: Array.from({ length: 20_002 }, (_, label) => label) };
  expect(() => regionAtlas(image, grid, new Map(), "t1.nii.gz")).toThrow(
    "t1.nii.gz is not an atlas: it has too many different labels: expected at most 20000, found 20001",
  );
});
