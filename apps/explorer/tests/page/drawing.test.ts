import { identityAffine } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { colourLimits } from "../../src/viewer/intensity-range.ts";
import { drawnPlanes, planeLetters, planePositions } from "../../src/viewer/plane-layout.ts";

describe("the planes of a picture", () => {
  // 200 mm from left to right, 100 mm from back to front: twice as wide as high.
  const room = { clientWidth: 400, clientHeight: 400 };
  const planes = drawnPlanes(planePositions(room), room, { axial: [200, 100] });

  it("keep their proportions, in the middle of their places", () => {
    // The place is the lower left quarter, of 200 × 200 pixels.
    expect(planes).toEqual([
      { plane: "axial", left: 0, top: 0.625, width: 0.5, height: 0.25, millimetresPerPixel: 1 },
    ]);
  });

  it("have their letters at their own edges", () => {
    expect(planeLetters(planes)).toEqual([
      { letter: "L", edge: "left", x: 0, y: 0.75 },
      { letter: "R", edge: "right", x: 0.5, y: 0.75 },
      { letter: "A", edge: "top", x: 0.25, y: 0.625 },
      { letter: "P", edge: "bottom", x: 0.25, y: 0.875 },
    ]);
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

  it("have their own ranges where the values have nothing in common", () => {
    expect(colourLimits([map(2, "gradients"), map(8, "occlusion")])).toEqual([2, 8]);
  });
});
