import { type NamedTensors, type Tensor, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { differentiate } from "../src/index.ts";
import { buildCase, type GradientCase } from "./cases/case.ts";
import { gradientCases } from "./cases/index.ts";
import { array, type NdArray } from "./interpreter/array.ts";
import { evaluate } from "./interpreter/evaluate.ts";
import { normals, uniform } from "./random.ts";
import { runOnnx } from "./run-onnx.ts";

/** Largest difference, as a share of the largest number. */
function distance(found: Tensor, expected: NdArray): number {
  const largest = Math.max(1, ...expected.data.map(Math.abs));
  return Math.max(0, ...expected.data.map((value, k) => Math.abs(value - Number(found.data[k])))) / largest;
}

const float32 = ({ dims, data }: NdArray): Tensor => tensor("float32", dims, Float32Array.from(data));

async function gradientsBy(gradientCase: GradientCase) {
  const { model, inputs } = buildCase(gradientCase, "float32");
  const differentiated = differentiate(model, { output: "out", withRespectTo: Object.keys(inputs) });
  const output = evaluate(model, inputs).get("out")!;
  const cotangent = array(output.dims, normals(uniform(3), output.data.length));
  const feeds: NamedTensors = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, float32(value)]),
  );
  const plain = await runOnnx(model, feeds);
  const found = await runOnnx(differentiated.model, {
    ...feeds,
    [differentiated.cotangent]: float32(cotangent),
  });
  const expected = evaluate(differentiated.model, { ...inputs, [differentiated.cotangent]: cotangent });
  return { plain, found, expected, gradients: differentiated.gradients };
}

describe("ONNX Runtime computes the same gradient, and leaves the forward values as they were", () => {
  it.each(gradientCases)("$name", async (gradientCase) => {
    const { plain, found, expected, gradients } = await gradientsBy(gradientCase);
    expect(found.out).toEqual(plain.out);
    for (const name of ["out", ...Object.values(gradients)]) {
      expect(found[name]!.dims).toEqual(expected.get(name)!.dims);
      // 2e-6: float32, sums of up to a hundred terms.
      expect(distance(found[name]!, expected.get(name)!)).toBeLessThan(2e-6);
    }
  });
});
