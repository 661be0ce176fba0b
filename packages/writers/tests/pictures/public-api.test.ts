import * as api from "@voxplain/writers/pictures";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "coolwarm",
    "coolwarmColor",
    "renderCurves",
    "renderGlassBrain",
    "renderMap2d",
    "renderOverlay2d",
    "renderPlanes",
    "renderSlices",
    "renderSmallPlanes",
  ]);
});
