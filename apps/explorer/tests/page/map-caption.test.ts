import { expect, it } from "vitest";
import { captionOf } from "../../src/page/map-caption.ts";
import { toyExplanation as explanation, toyModel } from "./toy-explanation.ts";

it("a caption says what a map explains, and the error of its sum", () => {
  expect(captionOf(explanation, toyModel)).toMatch(
    /^for AD · predicted AD 75.* · completeness missed by 1\.2.* · 1\.3 s$/,
  );
  expect(captionOf({ ...explanation, seconds: 0.01 }, toyModel)).toMatch(/ · <0\.1 s$/);
});

it("a caption says which value of the output a map explains, where there are no classes", () => {
  const { request } = explanation;
  const ofValue = {
    ...explanation,
    request: { ...request, region: { value: [3, 1] } },
    prediction: { probabilities: [], predictedClass: 0, logits: [1.5] },
  };
  expect(captionOf(ofValue, toyModel)).toMatch(/^output 3,1: 1\.5 · /);
});

it.each([
  [true, / · 143 passes · /],
  [false, / · 143 passes, tolerance not reached · /],
])("a caption says how many passes a tolerance took, and whether it was reached: %s", (converged, text) => {
  const refined = { ...explanation, refinement: { passes: 143, converged } };
  expect(captionOf(refined, toyModel)).toMatch(text);
  expect(captionOf(explanation, toyModel)).not.toContain("passes");
});
