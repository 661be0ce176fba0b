import {
  affineOf,
  checkCohort,
  checkCompanion,
  compareGrids,
  type ImageGrid,
  type Template,
} from "@voxplain/caps-io";
import type { Affine } from "@voxplain/core";
import { describe, expect, it } from "vitest";

const diagonal = (x: number, y: number, z: number, origin: readonly [number, number, number]): Affine => [
  [x, 0, 0, origin[0]],
  [0, y, 0, origin[1]],
  [0, 0, z, origin[2]],
  [0, 0, 0, 1],
];
const shape = [11, 13, 9];
const ras = diagonal(2, 2, 2, [-10, -12, -8]);
/** The same box of space, x stored from right to left. */
const las = diagonal(-2, 2, 2, [10, -12, -8]);
const shifted = diagonal(2, 2, 2, [-10, -12, -5]);
const finer = diagonal(2, 2, 1.5, [-10, -12, -8]);
const angle = Math.PI / 9;
const oblique: Affine = [
  [2 * Math.cos(angle), -2 * Math.sin(angle), 0, -10],
  [2 * Math.sin(angle), 2 * Math.cos(angle), 0, -12],
  [0, 0, 2, -8],
  [0, 0, 0, 1],
];
const image = (name: string, affine?: Affine, more: Partial<ImageGrid> = {}): ImageGrid => ({
  name,
  shape,
  ...(affine && { affine }),
  ...more,
});
const broken = (name: string) => image(name, undefined, { affineError: `${name}.nii has no usable affine` });
const template: Template = { name: "t.nii", affine: ras, shape, warnings: [] };
/** Messages by the name of the image. */
const check = (images: readonly ImageGrid[], use: Parameters<typeof checkCohort>[1]) => {
  const { refused, warnings } = checkCohort(images, use);
  return { refused: [...refused].map(([k, error]) => `${images[k]!.name}: ${error.message}`), warnings };
};

describe("two affines on one grid", () => {
  it("are the same within 0.01 mm at each corner", () => {
    expect(compareGrids(ras, diagonal(2, 2, 2, [-10, -12, -8.0099]), shape)).toBe("same");
    expect(compareGrids(ras, diagonal(2, 2, 2, [-10, -12, -8.0101]), shape)).toBe("moved");
    // 10 steps of 0.0009 mm and of 0.0011 mm.
    expect(compareGrids(ras, diagonal(2.0009, 2, 2, [-10, -12, -8]), shape)).toBe("same");
    expect(compareGrids(ras, diagonal(2.0011, 2, 2, [-10, -12, -8]), shape)).toBe("moved");
  });

  it("are turned where the axes point in other directions, in the same box too", () => {
    expect(compareGrids(ras, las, shape)).toBe("turned");
    expect(compareGrids(ras, oblique, shape)).toBe("moved");
  });

  it("are not comparable where one is unknown", () => {
    expect(compareGrids(ras, undefined, shape)).toBe("unknown");
  });
});

describe("the images of a mean map", () => {
  const mean = { result: "mean" } as const;

  it("on one grid are all used", () => {
    expect(check([image("a", ras), image("b", ras)], mean)).toEqual({ refused: [], warnings: [] });
  });

  it.each([
    [
      "another orientation",
      las,
      /^c: the axes of c point in other directions \(LAS, \[-2 0 0 10; .*\) than those of a \(RAS, \[2 0 0 -10; 0 2 0 -12; 0 0 2 -8\]\): .*individual level/,
    ],
    [
      "a shifted origin",
      shifted,
      /^c: c is at another position \(.*\) than a \(.*\): voxels are up to 3 mm apart: a mean map needs/,
    ],
    ["other voxel sizes", finer, /voxels are up to 4 mm apart/],
    ["an oblique orientation", oblique, /^c: c is at another position/],
  ])("are refused with both affines: %s", (_, affine, message) => {
    const { refused } = check([image("a", ras), image("b", ras), image("c", affine)], mean);
    expect(refused).toEqual([expect.stringMatching(message)]);
  });

  it("that differ are those that differ from most, not from the first", () => {
    const { refused } = check([image("a", las), image("b", ras), image("c", ras)], mean);
    expect(refused).toEqual([expect.stringMatching(/^a: /)]);
  });

  it("have one shape", () => {
    const { refused } = check(
      [image("a", ras), image("b", ras), image("c", ras, { shape: [11, 13, 10] })],
      mean,
    );
    expect(refused).toEqual([expect.stringMatching(/^c: c has 11×13×10 voxels, but a has 11×13×9: /)]);
  });

  it("have an affine that can be used, or none at all", () => {
    const { refused } = check([image("a", ras), broken("b")], mean);
    expect(refused).toEqual(["b: b: b.nii has no usable affine; correct its header"]);
  });

  it("of unknown position are assumed to be on the grid of the others, with a warning", () => {
    expect(check([image("a", ras), image("b"), image("c")], mean)).toEqual({
      refused: [],
      warnings: ["the position of b and 1 more is unknown: they are assumed to be on the grid of a"],
    });
    expect(check([image("a"), image("b")], mean)).toEqual({ refused: [], warnings: [] });
  });

  it("need one orientation with a template too; another position is a warning with both affines", () => {
    const { refused, warnings } = check(
      [image("a", ras), image("b", ras), image("c", las), image("d", shifted), broken("e")],
      { ...mean, template },
    );
    expect(refused).toEqual([expect.stringMatching(/^c: the axes of c point in other directions/)]);
    expect(warnings).toEqual([
      "e: e.nii has no usable affine; the template's affine is used",
      "the image of d has another affine (RAS, [2 0 0 -10; 0 2 0 -12; 0 0 2 -5]) than the template t.nii " +
        "(RAS, [2 0 0 -10; 0 2 0 -12; 0 0 2 -8]); the maps get the template's",
    ]);
  });
});

describe("images with a map each", () => {
  it("may have any grid; different orientations are a warning", () => {
    const { refused, warnings } = check([image("a", ras), image("b", shifted), image("c", las)], {
      result: "maps",
    });
    expect(refused).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/point in different directions: RAS \(a and 1 more\), LAS \(c\); a network sees/),
    ]);
  });

  it("need an affine that can be used, or a template of their shape", () => {
    expect(check([broken("a")], { result: "maps" }).refused).toHaveLength(1);
    expect(check([broken("a")], { result: "maps", template }).refused).toEqual([]);
    const other = check([image("a", ras, { shape: [1, 2, 3] })], { result: "maps", template });
    expect(other.refused).toEqual([
      expect.stringMatching(/has 1×2×3 voxels, but the template t.nii has 11×13×9/),
    ]);
  });

  it("do not need an affine where only predictions are asked for", () => {
    expect(check([broken("a")], { result: "predictions" })).toEqual({
      refused: [],
      warnings: ["a: a.nii has no usable affine; predictions do not need it"],
    });
  });
});

describe("the affine of an image's map", () => {
  it("is the template's, with a warning where the image has another", () => {
    expect(affineOf(image("a", ras), template)).toEqual({ affine: ras, warnings: [] });
    const { affine, warnings } = affineOf(image("a", las), template);
    expect(affine).toBe(ras);
    expect(warnings).toEqual([
      expect.stringMatching(/\(LAS, .*\(RAS, .*; the map gets the template's affine$/),
    ]);
  });

  it("is the template's without a warning where no corner voxel is more than 0.01 mm away", () => {
    // The corner at the far end of the third axis moves by 8 times the change of its step.
    const stretched = (by: number) => diagonal(2, 2, 2 + by / 8, [-10, -12, -8]);
    expect(affineOf(image("a", stretched(0.0099)), template)).toEqual({ affine: ras, warnings: [] });
    const { affine, warnings } = affineOf(image("a", stretched(0.0101)), template);
    expect(affine).toBe(ras);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^a is at another position \(RAS, \[2 0 0 -10; .*2\.00126 -8\]\) than t\.nii \(RAS, \[2 0 0 -10; .* 2 -8\]\)/,
      ),
    ]);
  });

  it("is the image's own without a template, else unknown", () => {
    expect(affineOf(image("a", las), undefined)).toEqual({ affine: las, warnings: [] });
    expect(affineOf(image("a"), undefined)).toEqual({ warnings: [] });
    expect(affineOf(image("a"), template).affine).toBe(ras);
  });

  it("is an error for a template of another shape, and for a broken affine", () => {
    expect(() => affineOf(image("a", ras, { shape: [3, 3, 3] }), template)).toThrow(
      /its affine does not fit/,
    );
    expect(() => affineOf(broken("a"), undefined)).toThrow("a: a.nii has no usable affine");
  });
});

describe("an atlas, a mask or an image to compare with", () => {
  const atlas = (affine?: Affine) => ({ ...image("atlas.nii", affine), needs: "position" as const });
  const reference = (affine?: Affine) => ({ ...image("r.nii", affine), needs: "directions" as const });

  it("has to have the image's orientation", () => {
    for (const companion of [atlas(las), reference(las)]) {
      expect(() => checkCompanion(companion, [image("a", ras)])).toThrow(/point in other directions/);
    }
  });

  it("of regions has to be at the position of the image; of another image that is a warning", () => {
    expect(() => checkCompanion(atlas(shifted), [image("a", ras)])).toThrow(/is at another position/);
    expect(checkCompanion(reference(shifted), [image("a", ras)])).toEqual([
      expect.stringMatching(/^r\.nii is at another position/),
    ]);
  });

  it("is assumed to be there where one position is unknown, with a warning", () => {
    const warning = "the position of a is unknown: it is assumed to be on the grid of atlas.nii";
    expect(checkCompanion(atlas(ras), [image("a")])).toEqual([warning]);
    expect(checkCompanion(atlas(), [image("a")])).toEqual([]);
  });

  it("gives the warnings about its own header too", () => {
    const warned = { ...atlas(ras), warnings: ["its qform is used"] };
    expect(checkCompanion(warned, [image("a", ras)])).toEqual(["its qform is used"]);
    expect(checkCompanion(warned, [image("a")])).toHaveLength(2);
  });

  it("is refused with a broken affine", () => {
    expect(() => checkCompanion({ ...broken("atlas"), needs: "position" }, [image("a", ras)])).toThrow(
      "atlas.nii has no usable affine; correct its header",
    );
  });
});
