import { identityAffine } from "@voxplain/core";
import { expect, it } from "vitest";
import type { Explanation } from "../../src/engine/engine.ts";
import { captionOf } from "../../src/page/map-caption.ts";

const volume = { data: Float32Array.of(-1, 2), shape: [1, 1, 2], affine: identityAffine } as const;
const explanation: Explanation = {
  image: { id: "1", name: "a.npy", trueClass: undefined },
  request: { network: undefined, method: "integrated-gradients", options: {}, target: 1 },
  prediction: { probabilities: [0.25, 0.75], predictedClass: 1 },
  map: volume,
  anatomy: volume,
  isPlaced: true,
  stored: { dtype: "float32", dims: [1, 1, 1, 2], data: volume.data },
  relativeDelta: -0.0123,
  kernelUses: [],
  seconds: 1.25,
  warnings: [],
  mapWarnings: [],
};

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
