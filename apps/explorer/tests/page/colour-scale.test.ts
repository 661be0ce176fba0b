// The colours of one map have one meaning: the scale ends at the same value on the page and in pictures of the command.
import { identityAffine } from "@voxplain/core";
import { renderPlanes } from "@voxplain/writers/pictures";
import { expect, it } from "vitest";
import { colourLimits } from "../../src/viewer/intensity-range.ts";

const shape = [30, 20, 20] as const;
/** Of 12,000 values, the 99.9th percentile of |map| is 11.988, the 99.95th 11.994: both differ from what is drawn. */
const map = {
  data: Float32Array.from(
    { length: 12_000 },
    (_, k) => (k % 2 === 0 ? 1 : -1) * ((k * 7919) % 12_000) * 1e-3,
  ),
  shape,
  affine: identityAffine,
};
const anatomy = { ...map, data: Float32Array.from(map.data, (_, k) => k % 100) };
const shown = { map, request: { method: "gradients", options: {} } };

it("a map has the same scale on the page as in the picture of the command", async () => {
  const [limit = Number.NaN] = colourLimits([shown as unknown as Parameters<typeof colourLimits>[0][number]]);
  expect(limit).toBe(12);
  const picture = await renderPlanes(map, anatomy);
  expect(await renderPlanes(map, anatomy, { vmax: limit })).toEqual(picture);
  // The page's earlier scale is another picture.
  expect(await renderPlanes(map, anatomy, { vmax: 11.994 })).not.toEqual(picture);
});
