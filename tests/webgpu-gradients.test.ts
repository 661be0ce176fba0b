// The gradients of operators that WebGPU computes in other words, for every case that onnx-autodiff has of them.
import { type NamedTensors, type Tensor, tensor } from "@voxplain/core";
import { intAttribute, type Model } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { lowerForWebgpu } from "../packages/lowering/src/webgpu.ts";
import { windowPooling } from "../packages/lowering/src/window-pooling.ts";
import { differentiate } from "../packages/onnx-autodiff/src/index.ts";
import { buildCase } from "../packages/onnx-autodiff/tests/cases/case.ts";
import { gradientCases } from "../packages/onnx-autodiff/tests/cases/index.ts";
import { array } from "../packages/onnx-autodiff/tests/interpreter/array.ts";
import { evaluate } from "../packages/onnx-autodiff/tests/interpreter/evaluate.ts";
import { distance } from "./block-networks.ts";
import { runOnnx } from "./direct-runtime.ts";
import { normals, uniform } from "./random.ts";

/** Nodes that need the positions of the maxima. */
const needIndices = ({ graph }: Model) =>
  graph.nodes.filter(
    ({ opType, outputs }) => opType === "MaxUnpool" || (opType === "MaxPool" && outputs.length > 1),
  );

const poolings = gradientCases.filter(({ name }) => name.startsWith("MaxPool"));

describe("the gradient of a max-pooling from its windows is, to the bit where nothing is added, that from the indices:", () => {
  it.each(poolings)("$name, with ties", async (gradientCase) => {
    const { model, inputs } = buildCase(gradientCase, "float32");
    const differentiated = differentiate(model, { output: "out", withRespectTo: ["x"] });
    const lowered = windowPooling(differentiated.model);
    expect(needIndices(differentiated.model).length).toBeGreaterThan(0);
    expect(needIndices(lowered)).toEqual([]);
    // Three values only, so that most windows hold their maximum more than once; negative ones, too.
    const x = array(
      inputs.x!.dims,
      inputs.x!.data.map((value) => Math.sign(Math.round(value)) - 1),
    );
    const { dims } = evaluate(model, { ...inputs, x }).get("out")!;
    const feeds: NamedTensors = {
      x: tensor("float32", x.dims, Float32Array.from(x.data)),
      [differentiated.cotangent]: tensor(
        "float32",
        dims,
        Float32Array.from(
          normals(
            uniform(3),
            dims.reduce((a, b) => a * b, 1),
          ),
        ),
      ),
    };
    const expected = await runOnnx(differentiated.model, feeds);
    const found = await runOnnx(lowered, feeds);
    expect(found.out).toEqual(expected.out);
    const [gradient, reference] = [found, expected].map((all) => all[differentiated.gradients.x!]) as [
      Tensor,
      Tensor,
    ];
    expect(gradient.dims).toEqual(reference.dims);
    // Sums of up to four cotangents of overlapping windows, in another order.
    expect(distance(gradient, reference)).toBeLessThan(1e-7);
  });
});

describe("operators that WebGPU does not have are expressed in others:", () => {
  const cases = gradientCases.filter(({ name }) =>
    /^(Sum|Conv .*(group|depthwise).*3D|Conv depthwise 3D)/.test(name),
  );

  it.each(cases)("$name", async (gradientCase) => {
    const { model, inputs } = buildCase(gradientCase, "float32");
    const { model: differentiated, cotangent, gradients } = differentiate(model, { output: "out" });
    const lowered = lowerForWebgpu(differentiated);
    const groups = lowered.graph.nodes.filter(({ attributes }) => intAttribute(attributes, "group", 1) > 1);
    expect([groups, lowered.graph.nodes.filter(({ opType }) => opType === "Sum")]).toEqual([[], []]);
    const { dims } = evaluate(model, inputs).get("out")!;
    const of = (shape: readonly number[], data: ArrayLike<number>) =>
      tensor("float32", shape, Float32Array.from(data));
    const feeds: NamedTensors = {
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [name, of(value.dims, value.data)]),
      ),
      [cotangent]: of(
        dims,
        normals(
          uniform(3),
          dims.reduce((a, b) => a * b, 1),
        ),
      ),
    };
    const [found, expected] = [await runOnnx(lowered, feeds), await runOnnx(differentiated, feeds)];
    // Roundings of float32 in another order.
    for (const name of ["out", ...Object.values(gradients)])
      expect(distance(found[name], expected[name])).toBeLessThan(1e-6);
  });
});
