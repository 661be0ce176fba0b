import { type Affine, nearestVoxel, type Point, pointAt, type Volume } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { placeAfterKey } from "../../src/viewer/crosshair-keys.ts";
import { pictureAffine } from "../../src/viewer/geometry.ts";

const volume = (affine: Affine): Volume => ({ data: new Float32Array(1000), shape: [10, 10, 10], affine });
const ras = volume([
  [2, 0, 0, -9],
  [0, 2, 0, -9],
  [0, 0, 2, -9],
  [0, 0, 0, 1],
]);
/** First axis to the front, second to the left, third to the bottom, all a little oblique. */
const oblique = volume([
  [0.2, -1.9, 0, 5],
  [1.9, 0.2, 0.1, -9],
  [0, 0.1, -1.9, 5],
  [0, 0, 0, 1],
]);

describe("keys of the crosshair", () => {
  it.each<[string, Volume, string, Point]>([
    ["left is left", ras, "ArrowLeft", [4, 5, 5]],
    ["right is right", ras, "ArrowRight", [6, 5, 5]],
    ["up is to the top", ras, "ArrowUp", [5, 5, 6]],
    ["page up is to the front", ras, "PageUp", [5, 6, 5]],
    ["left, of other axes", oblique, "ArrowLeft", [5, 6, 5]],
    ["up, of other axes", oblique, "ArrowUp", [5, 5, 4]],
    ["page down, of other axes", oblique, "PageDown", [4, 5, 5]],
  ])("%s", (_, image, key, voxel) => {
    const place = placeAfterKey(image, pointAt([5, 5, 5], image.affine), key);
    expect(place && nearestVoxel(image, place)).toEqual(voxel);
  });

  it("stay inside the volume", () => {
    expect(placeAfterKey(ras, pointAt([1, 5, 5], ras.affine), "ArrowLeft", { steps: 5 })).toEqual(
      pointAt([0, 5, 5], ras.affine),
    );
  });

  it("follow the picture in the radiological convention, whose right is left", () => {
    const place = placeAfterKey(ras, pointAt([5, 5, 5], ras.affine), "ArrowRight", { radiological: true });
    expect(place && nearestVoxel(ras, place)).toEqual([4, 5, 5]);
  });

  it("move up and left on a picture, whose rows begin at the top", () => {
    const picture: Volume = { data: new Float32Array(100), shape: [10, 10, 1], affine: pictureAffine };
    const after = (key: string) => {
      const place = placeAfterKey(picture, pointAt([5, 5, 0], pictureAffine), key);
      return place && nearestVoxel(picture, place);
    };
    expect(after("ArrowUp")).toEqual([4, 5, 0]);
    expect(after("ArrowLeft")).toEqual([5, 4, 0]);
  });

  it("leave other keys alone", () => {
    expect(placeAfterKey(ras, [0, 0, 0], "m")).toBeUndefined();
  });
});
