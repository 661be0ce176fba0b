import { type NamedTensors, type Tensor, tensor } from "@voxplain/core";
import { graphBuilder, intAttribute, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { differentiate } from "../../src/index.ts";
import { lower } from "../../src/lowering/index.ts";
import { lowerForWebgpu } from "../../src/lowering/webgpu.ts";
import { windowPooling } from "../../src/lowering/window-pooling.ts";
import { buildCase } from "../cases/case.ts";
import { gradientCases } from "../cases/index.ts";
import { array } from "../interpreter/array.ts";
import { evaluate } from "../interpreter/evaluate.ts";
import { normals, uniform } from "../random.ts";
import { runOnnx } from "../run-onnx.ts";
import { blockNetwork, distance, feedsOf, gradientOf } from "./networks.ts";
import { runModel } from "./run-model.ts";

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

describe.each([
  { image: [13, 10, 9], batch: 1 },
  { image: [11, 9, 8], batch: "batch" },
  { image: [13, 11], batch: "batch" },
])("a network on images of $image, batch $batch, spelled for WebGPU", ({ image, batch }) => {
  const gradient = gradientOf(blockNetwork({ image, channels: [1, 8, 16, 8], batch }));
  const feeds = feedsOf(image, batch === 1 ? 1 : 2);

  it.each([
    ["whole", { wholeBytes: 2 ** 30, slabBytes: 2 ** 30 }],
    ["in slabs", { wholeBytes: 0, slabBytes: 0 }],
  ])("has the same logits and gradient, %s, though half of each image is ties", async (_, slabs) => {
    const lowered = lowerForWebgpu(gradient, slabs);
    expect(needIndices(lowered)).toEqual([]);
    const [found, expected] = [await runModel(lowered, feeds), await runModel(gradient, feeds)];
    // Roundings of float32 in another order; a moved maximum gives 1e-3 and more.
    expect(distance(found.logits, expected.logits)).toBeLessThan(1e-6);
    expect(distance(found["gradient:x"], expected["gradient:x"])).toBeLessThan(1e-6);
  });
});

describe("operators that WebGPU does not have are spelled in others:", () => {
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

  it("Sign", async () => {
    const graph = graphBuilder("sign");
    const x = graph.input("x", "float32", [5]);
    graph.output(graph.add("Sign", [x], {}, { outputs: ["y"] }), "float32", [5]);
    const lowered = lowerForWebgpu(modelOf(graph.build()));
    expect(lowered.graph.nodes.map(({ opType }) => opType)).not.toContain("Sign");
    const { y } = await runOnnx(lowered, { x: tensor("float32", [5], Float32Array.of(-3, -0, 0, 1e-30, 7)) });
    expect(Array.from(y!.data, Number).map((value) => value + 0)).toEqual([-1, 0, 0, 1, 1]);
  });
});

it("lower spells poolings by windows for runtimes that want it", () => {
  const gradient = gradientOf(blockNetwork({ image: [9, 8, 7], channels: [1, 4], batch: 1 }));
  expect(needIndices(gradient)).toHaveLength(2);
  expect(needIndices(lower(gradient, { poolingGradient: "windows", convolution3d: "direct" }))).toEqual([]);
});
