import { type NamedTensors, type Tensor, tensor } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { normals, uniform } from "../../../tests/random.ts";
import { differentiate } from "../src/index.ts";
import { buildCase, type GradientCase } from "./cases/case.ts";
import { gradientCases } from "./cases/index.ts";
import { randomNetwork } from "./cases/random-network.ts";
import { array, type NdArray } from "./interpreter/array.ts";
import { evaluate } from "./interpreter/evaluate.ts";

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

describe("whole networks keep their values to the bit, and get the same gradient", () => {
  it.each(Array.from({ length: 20 }, (_, seed) => randomNetwork(seed)))("$name", async (network) => {
    const { plain, found, expected, gradients } = await gradientsBy(network);
    expect(found.out).toEqual(plain.out);
    // 1e-5: float32 through seven layers, some of which divide by small deviations.
    expect(distance(found[gradients.x!]!, expected.get(gradients.x!)!)).toBeLessThan(1e-5);
  });
});

describe("gradients are of the type of their value", () => {
  const differentiated = (build: (graph: GraphBuilder) => string) => {
    const graph = graphBuilder("types");
    graph.input("x", "float32", ["n", 3]);
    graph.output(graph.add("Identity", [build(graph)], {}, { outputs: ["y"] }), "float32", undefined);
    return differentiate(modelOf(graph.build()));
  };
  const to = { float32: 1, float16: 10, float64: 11 };

  it.each(["float16", "float64"] as const)("through a part of the network in %s", async (dtype) => {
    const { model, cotangent, gradients } = differentiated((graph) => {
      const inner = graph.add("Cast", ["x"], { to: to[dtype] });
      const activated = graph.add("LeakyRelu", [inner], { alpha: { float: 0.25 } });
      return graph.add("Cast", [graph.add("ReduceMean", [activated], { axes: [1] })], { to: to.float32 });
    });
    const found = await runOnnx(model, {
      x: tensor("float32", [2, 3], Float32Array.of(1, 0, -1, 2, 3, -4)),
      [cotangent]: tensor("float32", [2, 1], Float32Array.of(3, 6)),
    });
    const { dtype: type, data } = found[gradients.x!]!;
    expect(type).toBe("float32");
    // A half holds thirds to 2^-11.
    const expected = [1, 0.25, 0.25, 2, 2, 0.5];
    for (const [k, value] of expected.entries()) expect(Number(data[k])).toBeCloseTo(value, 2);
  });

  it("through types that other values have", async () => {
    const { model, cotangent, gradients } = differentiated((graph) => {
      const half = graph.add("Cast", ["x"], { to: to.float16 });
      const inner = graph.add("CastLike", ["x", half]);
      const scaled = graph.add("Add", [inner, inner]);
      return graph.add("CastLike", [scaled, "x"]);
    });
    const found = await runOnnx(model, {
      x: tensor("float32", [1, 3], Float32Array.of(1, -3, 2)),
      [cotangent]: tensor("float32", [1, 3], Float32Array.of(3, 0.5, -1)),
    });
    expect(found[gradients.x!]!.dtype).toBe("float32");
    expect(Array.from(found[gradients.x!]!.data, Number)).toEqual([6, 1, -2]);
  });

  it("through a Gather in float16, whose sums are wider", async () => {
    const { model, cotangent, gradients } = differentiated((graph) => {
      const inner = graph.add("Cast", ["x"], { to: to.float16 });
      const taken = graph.add("Gather", [inner, graph.int64([0, 2, 0, 0])], { axis: 1 });
      return graph.add("Cast", [taken], { to: to.float32 });
    });
    const found = await runOnnx(model, {
      x: tensor("float32", [1, 3], Float32Array.of(1, 2, 3)),
      // Where a half is 2048, adding 1 is lost; adding 2 is not.
      [cotangent]: tensor("float32", [1, 4], Float32Array.of(2048, 5, 1, 1)),
    });
    expect(Array.from(found[gradients.x!]!.data, Number)).toEqual([2050, 0, 5]);
  });
});
