import type { Tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { differentiate } from "../src/index.ts";
import { modelOfFixture, readFixtures, unpacked } from "./fixture.ts";

const files = ["gradients.json", "operators.json", "indexing.json", "spatial.json"];
const fixtures = files.flatMap(readFixtures);

/** Relative L2 distance. */
function distance(found: Tensor, expected: Tensor<"float32">): number {
  const square = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
  const wanted = Array.from(expected.data);
  const difference = wanted.map((value, k) => value - Number(found.data[k]));
  return Math.sqrt(square(difference) / Math.max(1e-12, square(wanted)));
}

describe("gradients in ONNX Runtime equal those of PyTorch", () => {
  it.each(fixtures)("$name", async (fixture) => {
    const expected = { x: fixture.gradient, ...fixture.weightGradients };
    const { model, cotangent, gradients } = differentiate(modelOfFixture(fixture), {
      withRespectTo: Object.keys(expected),
      output: "y",
    });
    const found = await runOnnx(model, {
      x: unpacked(fixture.x),
      [cotangent]: unpacked(fixture.cotangent),
    });
    // 1e-6: float32 (6e-8), sums of up to a hundred terms. A maximum that goes to another place gives 0.1 and more.
    expect(found.y!.dims).toEqual(fixture.y.dims);
    expect(distance(found.y!, unpacked(fixture.y))).toBeLessThan(1e-6);
    for (const [name, packed] of Object.entries(expected)) {
      const gradient = found[gradients[name]!]!;
      expect(gradient.dims).toEqual(packed.dims);
      expect(distance(gradient, unpacked(packed))).toBeLessThan(1e-6);
    }
  });
});
