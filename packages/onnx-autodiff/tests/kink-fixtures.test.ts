import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { differentiate } from "../src/index.ts";
import { modelOfFixture, readFixtures, unpacked } from "./fixture.ts";
import { array } from "./interpreter/array.ts";
import { evaluate } from "./interpreter/evaluate.ts";

/** 1e-6: float32 rounds by 6e-8, and no value is a sum of more than a few. NaN and ±∞ have to be the same. */
function expectSame(found: ArrayLike<number | bigint>, expected: Float32Array) {
  const numbers = Array.from(found, (value) => Math.fround(Number(value)));
  const agrees = (value: number, k: number) =>
    Object.is(numbers[k], value) ||
    numbers[k] === value ||
    Math.abs(numbers[k]! - value) <= 1e-6 * Math.max(1, Math.abs(value));
  expect(numbers).toHaveLength(expected.length);
  if (!Array.from(expected).every(agrees)) expect(numbers).toEqual(Array.from(expected));
}

describe("at kinks, poles and ties the gradient is that of PyTorch, NaN and infinite ones included", () => {
  describe.each(readFixtures("kinks.json"))("$name", (fixture) => {
    const { model, cotangent, gradients } = differentiate(modelOfFixture(fixture), {
      withRespectTo: ["x"],
      output: "y",
    });
    const [x, dy, expected] = [fixture.x, fixture.cotangent, fixture.gradient].map(unpacked);

    it.each(["all", "disabled"] as const)("in ONNX Runtime, optimizations: %s", async (optimization) => {
      const found = await runOnnx(model, { x: x!, [cotangent]: dy! }, optimization);
      expectSame(found.y!.data, unpacked(fixture.y).data);
      expectSame(found[gradients.x!]!.data, expected!.data);
    });

    it("in float64", () => {
      const feeds = {
        x: array(x!.dims, Array.from(x!.data)),
        [cotangent]: array(dy!.dims, Array.from(dy!.data)),
      };
      expectSame(evaluate(model, feeds).get(gradients.x!)!.data, expected!.data);
    });
  });
});
