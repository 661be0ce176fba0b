import { tensor } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, modelOf, type Network } from "@voxplain/onnx-graph";
import {
  type AttributionMethod,
  deepLift,
  differentiableModel,
  expectedGradients,
  explain,
  gradients,
  integratedGradients,
  lrp,
  type MapWarning,
  methods,
  runWarnings,
  warningCode,
} from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";

const runtime = directRuntime();

/** Logits [batch, 2] of images [1, 2, 2]: `weights` · flattened body, with an additional last node. */
function network(
  body: (graph: GraphBuilder, x: string) => string,
  weights: readonly number[] = [1, -1, 2, -2, 3, -3, 4, -4],
  last: (graph: GraphBuilder, logits: string) => string = (_, logits) => logits,
): Network {
  const graph = graphBuilder("network");
  const x = graph.input("x", "float32", ["batch", 1, 2, 2]);
  const flat = graph.add("Flatten", [body(graph, x)]);
  const fc = graph.initializer("fc", tensor("float32", [4, 2], Float32Array.from(weights)));
  const logits = last(graph, graph.add("MatMul", [flat, fc], {}, { outputs: ["fc_out"] }));
  graph.output(logits, "float32", ["batch", 2]);
  return { model: modelOf(graph.build()), input: "x", logits, inputDims: [1, 2, 2], classCount: 2 };
}

const identity = (graph: GraphBuilder, x: string) => graph.add("Identity", [x]);
const image = (...values: number[]) => ({
  name: values.join(),
  input: tensor("float32", [1, 2, 2], Float32Array.from(values)),
});

async function warningsOf(
  of: Network,
  method: AttributionMethod,
  ...images: ReturnType<typeof image>[]
): Promise<(readonly MapWarning[])[]> {
  const model = differentiableModel(of, runtime);
  const all = [];
  for await (const { warnings } of explain(model, images, { method, target: 0, batchSize: 2 })) {
    all.push(warnings);
  }
  await model.release();
  return all;
}

describe("a map without anything odd", () => {
  it.each([
    ["gradients", gradients],
    ["integrated gradients", integratedGradients()],
    ["DeepLIFT", deepLift()],
    ["LRP", lrp()],
  ])("has no warnings: %s", async (_, method) => {
    expect(await warningsOf(network(identity), method, image(1, 2, 3, 4))).toEqual([[]]);
  });
});

describe("a map that is not finite, of logits that are", () => {
  const root = network((graph, x) => graph.add("Sqrt", [x]));

  it("is given, with the number of its values that are not finite", async () => {
    // d√x/dx is infinite at 0.
    expect(await warningsOf(root, gradients, image(0, 1, 0, 4), image(1, 1, 1, 1))).toEqual([
      [{ kind: "map-not-finite", count: 2, size: 4 }],
      [],
    ]);
  });
});

describe("a map that is zero everywhere", () => {
  const shut = (graph: GraphBuilder, logits: string) =>
    graph.add("Relu", [graph.add("Sub", [logits, graph.scalar(1e6)])], {}, { outputs: ["last"] });

  it.each(["gradients", "grad-cam", "guided-backpropagation", "integrated-gradients", "lrp"] as const)(
    "names the layer that the gradient does not pass: %s",
    async (name) => {
      const conv = (graph: GraphBuilder, x: string) =>
        graph.add("Conv", [x, graph.constant(tensor("float32", [1, 1, 1, 1], Float32Array.of(2)))]);
      const method = methods[name].create({}).compute;
      expect(await warningsOf(network(conv, undefined, shut), method, image(1, 2, 3, 4))).toEqual([
        [{ kind: "equal-logits" }, { kind: "map-zero", diesAt: { layer: "last", operator: "Relu" } }],
      ]);
    },
  );

  it("has no such layer where the gradient reaches the image", async () => {
    const zero: AttributionMethod = async (model, input, target) => {
      const { gradient, logits } = await model.gradient(input, target);
      return { map: { ...gradient, data: new Float32Array(gradient.data.length) }, logits };
    };
    expect(await warningsOf(network(identity), zero, image(1, 2, 3, 4))).toEqual([[{ kind: "map-zero" }]]);
  });
});

describe("a map that should add up", () => {
  /** A step that the path of the integral jumps over. */
  const steep = network((graph, x) => graph.add("Sigmoid", [graph.add("Mul", [x, graph.scalar(400)])]));

  it.each([
    [0.04, []],
    [0.06, [{ kind: "map-incomplete", missed: expect.closeTo(0.06, 6) }]],
    [-0.5, [{ kind: "map-incomplete", missed: expect.closeTo(-0.5, 6) }]],
  ])("is incomplete where it misses more than 5 %% of the change: %d", async (missed, expected) => {
    // Logit 0 of the image is 1 + 4 + 9 + 16 = 30, and 0 of a black one.
    const off: AttributionMethod = async (model, input, target) => {
      const { gradient, logits } = await model.gradient(input, target);
      const map = input.data.map((value, k) => (1 + missed) * value * gradient.data[k]!);
      return { map: { ...gradient, data: map }, logits, delta: [30 * missed] };
    };
    expect(await warningsOf(network(identity), off, image(1, 2, 3, 4))).toEqual([expected]);
  });

  it("is complete by LRP where biases keep their share of the logit", async () => {
    const biased = network((graph, x) => {
      const weight = graph.constant(tensor("float32", [1, 1, 1, 1], Float32Array.of(2)));
      const bias = graph.constant(tensor("float32", [1], Float32Array.of(5)));
      return graph.add("Relu", [graph.add("Conv", [x, weight, bias])]);
    });
    expect(await warningsOf(biased, lrp({ composite: "epsilon" }), image(1, 2, 3, 4))).toEqual([[]]);
  });

  it("is complete by LRP where neurons that are 0 hand on nothing", async () => {
    const half = network((graph, x) => {
      const weight = graph.constant(tensor("float32", [4, 1, 1, 1], Float32Array.of(1, 2, -1, -2)));
      const bias = graph.constant(tensor("float32", [4], Float32Array.of(5, 5, 0, 0)));
      const rectified = graph.add("Relu", [graph.add("Conv", [x, weight, bias])]);
      const gate = graph.add("Sigmoid", [graph.add("GlobalAveragePool", [rectified])]);
      return graph.add("GlobalAveragePool", [graph.add("Mul", [rectified, gate])]);
    });
    expect(await warningsOf(half, lrp({ composite: "epsilon" }), image(1, 2, 3, 4))).toEqual([[]]);
  });

  it("is complete by LRP where an exporter wrote ReLU6 as Max and Min with constants", async () => {
    const clipped = network((graph, x) => {
      const weight = graph.constant(tensor("float32", [1, 1, 1, 1], Float32Array.of(2)));
      const bias = graph.constant(tensor("float32", [1], Float32Array.of(-3)));
      const value = graph.add("Conv", [x, weight, bias]);
      return graph.add("Min", [graph.add("Max", [value, graph.scalar(0)]), graph.scalar(4)]);
    });
    expect(await warningsOf(clipped, lrp({ composite: "epsilon" }), image(1, 2, 3, 4))).toEqual([[]]);
  });

  it("is looked at in every image by LRP: that the first ones are complete proves nothing", async () => {
    const floored = network((graph, x) => {
      const weight = graph.constant(tensor("float32", [1, 1, 1, 1], Float32Array.of(2)));
      const bias = graph.constant(tensor("float32", [1], Float32Array.of(5)));
      const value = graph.add("Conv", [x, weight, bias]);
      const floor = graph.scalar(20);
      return graph.add("Where", [graph.add("Greater", [value, floor]), value, floor]);
    });
    const complete = Array.from({ length: 6 }, () => image(8, 9, 8, 9));
    const found = await warningsOf(floored, lrp(), ...complete, image(9, 1, 2, 9));
    expect(found.slice(0, -1).flat()).toEqual([]);
    expect(found.at(-1)).toEqual([expect.objectContaining({ kind: "map-incomplete" })]);
  });

  it("is complete by expected gradients within the error of sampling, and not beyond it", async () => {
    const references = [image(0, 0, 0, 0).input, image(2, 2, 2, 2).input];
    const cubic = network((graph, x) => graph.add("Mul", [x, graph.add("Mul", [x, x])]));
    const few = expectedGradients({ references, samples: 4 });
    expect(await warningsOf(cubic, few, image(1, 3, 2, 4))).toEqual([[]]);
    const steepOnes = expectedGradients({ references: [image(0, 0, 0, 0).input], samples: 4 });
    const [found] = await warningsOf(steep, steepOnes, image(1, 1, 1, 1));
    expect(found).toContainEqual(expect.objectContaining({ kind: "map-incomplete" }));
  });
});

describe("the warnings of a run", () => {
  it("need no name of a single map", () => {
    const run = runWarnings();
    run.add("", [{ kind: "map-not-finite", count: 3, size: 8 }]);
    expect(run.sentences()).toEqual([
      "the map holds NaN or infinite values, though the logits are finite (3 of 8)",
    ]);
  });

  it("say once for each kind how many maps it concerns", () => {
    const run = runWarnings();
    run.add("a", [{ kind: "map-zero", diesAt: { layer: "y", operator: "Relu" } }], [1, 2]);
    run.add("b", [{ kind: "map-not-finite", count: 3, size: 8 }], [1, 3]);
    run.add("c", [{ kind: "map-incomplete", missed: -1.214 }], [1, 4]);
    run.add("d", [{ kind: "equal-logits" }, { kind: "map-zero" }], [0, 0]);
    expect(run.sentences()).toEqual([
      "1 of 4 maps hold NaN or infinite values, though the logits are finite (b: 3 of 8)",
      '2 of 4 maps are zero everywhere (the first: a): no gradient passes the layer "y" (Relu)',
      "1 of 4 maps do not add up to the change of the output that the method promises: that of c misses 120 %",
      "all classes have the same logit for 1 of 4 inputs (d)",
    ]);
    expect(run.sentences({ averaged: true })[0]).toContain("and so does the mean map (b: 3 of 8)");
  });

  it("say that the logits of all inputs are the same", () => {
    const run = runWarnings();
    for (const name of ["a", "b"]) run.add(name, [], [1, 2]);
    expect(run.sentences()).toEqual([
      "the logits of all 2 inputs are the same: does the network see the images?",
    ]);
  });

  it("have codes for tables", () => {
    const codes = [
      { kind: "map-not-finite", count: 3, size: 8 },
      { kind: "map-zero" },
      { kind: "map-incomplete", missed: -1.214 },
      { kind: "equal-logits" },
    ] as const satisfies readonly MapWarning[];
    expect(codes.map(warningCode)).toEqual([
      "map-not-finite:3",
      "map-zero",
      "map-incomplete:-1.2",
      "equal-logits",
    ]);
  });
});
