import { tensor } from "@voxplain/core";
import {
  type Dim,
  type GraphBuilder,
  graphBuilder,
  inferShapes,
  type Model,
  modelOf,
  withFreeBatch,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

// That a freed network computes for each image what PyTorch does is tested in onnx-autodiff.

function modelFrom(dims: readonly Dim[], build: (g: GraphBuilder) => string): Model {
  const graph = graphBuilder("fixed");
  graph.input("x", "float32", dims);
  graph.add("Identity", [build(graph)], {}, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  return modelOf(graph.build());
}

const weights = (g: GraphBuilder, ...dims: readonly number[]) =>
  g.initializer(g.fresh("w"), tensor("float32", dims, new Float32Array(dims.reduce((a, b) => a * b, 1))));
const mean = (g: GraphBuilder, x: string, axes: readonly number[], keepdims = 1) =>
  g.add("ReduceMean", [x], { axes, keepdims });

describe("a fixed batch is freed", () => {
  it.each<[string, readonly Dim[], (g: GraphBuilder) => string, readonly Dim[]]>([
    ["a constant shape", [1, 2, 3], (g) => g.add("Reshape", ["x", g.int64([1, 6])]), ["batch", 6]],
    [
      "a constant shape with a free length",
      [1, 2, 3],
      (g) => g.add("Reshape", ["x", g.int64([1, -1])]),
      ["batch", 6],
    ],
    [
      "a shape that copies lengths",
      [1, 2, 3],
      (g) => g.add("Reshape", ["x", g.int64([0, 3, -1])]),
      ["batch", 3, 2],
    ],
    ["a batch of three", [3, 4, 2], (g) => g.add("Reshape", ["x", g.int64([3, 8])]), ["batch", 8]],
    [
      "heads that are laid into the batch, and back",
      [1, 4, 3, 5],
      (g) => {
        const together = g.add("Softmax", [g.add("Reshape", ["x", g.int64([4, 3, 5])])]);
        return g.add("Reshape", [together, g.int64([1, 12, 5])]);
      },
      ["batch", 12, 5],
    ],
    [
      "a constant beside every image",
      [1, 2, 3],
      (g) => g.add("Concat", [weights(g, 1, 1, 3), "x"], { axis: 1 }),
      ["batch", 3, 3],
    ],
    [
      "constants that are broadcast",
      [1, 2, 3],
      (g) => g.add("Add", ["x", weights(g, 1, 2, 1)]),
      ["batch", 2, 3],
    ],
    [
      "a length that the graph computes with",
      [1, 2, 3],
      (g) =>
        g.add("Reshape", [
          "x",
          g.add("Concat", [g.add("Shape", ["x"], { end: 1 }), g.int64([-1])], { axis: 0 }),
        ]),
      ["batch", 6],
    ],
    [
      "a division by the number of images",
      [1, 2],
      (g) => g.add("Div", ["x", g.add("Cast", [g.add("Shape", ["x"], { end: 1 })], { to: 1 })]),
      ["batch", 2],
    ],
  ])("%s", (_, dims, build, expected) => {
    const { model, obstacle } = withFreeBatch(modelFrom(dims, build));
    expect(obstacle).toBeUndefined();
    expect(model.graph.outputs[0]!.dims).toEqual(expected);
    expect(inferShapes(model).get("x")!.dims).toEqual(["batch", ...dims.slice(1)]);
  });

  it("under another name, and of all inputs", () => {
    const graph = graphBuilder("two");
    for (const name of ["a", "b"]) graph.input(name, "float32", [1, 2]);
    graph.output(graph.add("Mul", ["a", "b"], {}, { outputs: ["y"] }), "float32", [1, 2]);
    const { model } = withFreeBatch(modelOf(graph.build()), "n");
    expect([...model.graph.inputs, ...model.graph.outputs].map(({ dims }) => dims)).toEqual([
      ["n", 2],
      ["n", 2],
      ["n", 2],
    ]);
  });
});

describe("a batch stays fixed where images would mix, and the reason is given", () => {
  const mixed = "may not treat every image by itself";

  it.each<[string, readonly Dim[], (g: GraphBuilder) => string, string]>([
    [
      "a mean over the batch that comes back by broadcasting",
      [1, 2],
      (g) => g.add("Add", ["x", mean(g, "x", [0])]),
      `ReduceMean "ReduceMean": it ${mixed}`,
    ],
    ["a softmax over the batch", [1, 2], (g) => g.add("Softmax", ["x"], { axis: 0 }), mixed],
    [
      "a sum along the batch",
      [1, 2],
      (g) => g.add("CumSum", ["x", g.constant(tensor("int64", [], BigInt64Array.of(0n)))]),
      mixed,
    ],
    [
      "products of images with images",
      [1, 2],
      (g) => g.add("MatMul", ["x", g.add("Transpose", ["x"])]),
      "images would meet each other",
    ],
    [
      "an outer sum",
      [1],
      (g) => g.add("Add", ["x", g.add("Unsqueeze", ["x", g.int64([1])])]),
      "images would meet each other",
    ],
    [
      "a batch that is turned around",
      [1, 2],
      (g) => g.add("Slice", ["x", g.int64([-1]), g.int64([-(2 ** 31)]), g.int64([0]), g.int64([-1])]),
      mixed,
    ],
    ["the first image", [1, 2], (g) => g.add("Gather", ["x", g.int64([0])], { axis: 0 }), mixed],
    [
      "something behind the batch",
      [1, 2],
      (g) => g.add("Concat", ["x", weights(g, 1, 2)], { axis: 0 }),
      mixed,
    ],
    ["a normalization over the batch", [1, 2, 3, 4], (g) => g.add("MeanVarianceNormalization", ["x"]), mixed],
    ["an operator of another domain", [1, 2], (g) => g.add("Relu", ["x"], {}, { domain: "my.own" }), mixed],
    [
      "a transposed output",
      [1, 2],
      (g) => g.add("Transpose", ["x"]),
      'the output "y" does not begin with an axis for the batch',
    ],
  ])("%s", (_, dims, build, reason) => {
    const given = modelFrom(dims, build);
    const { model, obstacle } = withFreeBatch(given);
    expect(obstacle).toContain(reason);
    expect(model).toBe(given);
  });

  it("positions of maxima, which count the elements of all images before", () => {
    const graph = graphBuilder("fixed");
    graph.input("x", "float32", [1, 1, 4, 4]);
    graph.addMany("MaxPool", ["x"], 2, { kernel_shape: [2, 2] }, { outputs: ["y", "places"] });
    graph.output("y", "float32", undefined);
    graph.output("places", "int64", undefined);
    expect(withFreeBatch(modelOf(graph.build())).obstacle).toMatch(/MaxPool/);
  });

  it("inputs of different lengths", () => {
    const graph = graphBuilder("two");
    graph.input("a", "float32", [1, 2]);
    graph.input("b", "float32", [5, 2]);
    graph.output(graph.add("Add", ["a", "b"], {}, { outputs: ["y"] }), "float32", [5, 2]);
    expect(withFreeBatch(modelOf(graph.build())).obstacle).toBe(
      'the first axes of the inputs "a" and "b" differ',
    );
  });

  it("of more than one image, which needs as many", () => {
    for (const build of [
      (g: GraphBuilder) => g.add("Mul", ["x", weights(g, 2, 3)]),
      (g: GraphBuilder) => g.add("Concat", ["x", weights(g, 2, 3)], { axis: 1 }),
    ]) {
      expect(() => withFreeBatch(modelFrom([2, 3], build))).toThrow(
        /it takes batches of 2 only \(.*\); export it with a dynamic batch axis, or with a batch of 1/,
      );
    }
  });

  it("a model whose batch is free, and whose images stay apart, is given back", () => {
    const model = modelFrom(["n", 2], (g) => g.add("Relu", ["x"]));
    expect(withFreeBatch(model)).toEqual({ model });
  });
});
