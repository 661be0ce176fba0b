import { expect, it } from "vitest";
import { captionOf } from "../../src/page/map-caption.ts";
import { toyExplanation as explanation } from "./toy-explanation.ts";

it("a caption says what a map explains, and the error of its sum", () => {
  expect(captionOf(explanation, ["CN", "AD"])).toMatch(
    /^for AD · predicted AD 75.* · completeness missed by 1\.2.* · 1\.3 s$/,
  );
});

it.each([
  [true, / · 143 passes · /],
  [false, / · 143 passes, tolerance not reached · /],
])("a caption says how many passes a tolerance took, and whether it was reached: %s", (converged, text) => {
  const refined = { ...explanation, refinement: { passes: 143, converged } };
  expect(captionOf(refined, ["CN", "AD"])).toMatch(text);
  expect(captionOf(explanation, ["CN", "AD"])).not.toContain("passes");
});
