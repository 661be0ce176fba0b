import { tensor } from "@voxplain/core";
import {
  type GraphBuilder,
  graphBuilder,
  type Model,
  modelOf,
  type OperatorName,
  withFreeBatch,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

// That images of a batch have the results that they have alone is tested on runtimes in saliency and in tests/zoo.

/** A model whose batch the file declares free: x is [n, …dims]. */
function freeModel(dims: readonly number[], build: (g: GraphBuilder) => string, opset = 17): Model {
  const graph = graphBuilder("free");
  graph.input("x", "float32", ["n", ...dims]);
  graph.add("Identity", [build(graph)], {}, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  return modelOf(graph.build(), { opsets: { "": opset } });
}

const weights = (g: GraphBuilder, ...dims: readonly number[]) =>
  g.initializer(g.fresh("w"), tensor("float32", dims, new Float32Array(dims.reduce((a, b) => a * b, 1))));
const count = (g: GraphBuilder) => g.add("Shape", ["x"], { start: 0, end: 1 });
const shape = (g: GraphBuilder, ...lengths: readonly (number | string)[]) =>
  g.add(
    "Concat",
    lengths.map((length) => (typeof length === "number" ? g.int64([length]) : length)),
    { axis: 0 },
  );
const times = (g: GraphBuilder, value: string, factor: number) => g.add("Mul", [value, g.int64([factor])]);
const over = (g: GraphBuilder, value: string, divisor: number) => g.add("Div", [value, g.int64([divisor])]);

describe("images of a free batch provably stay apart", () => {
  it.each<[string, readonly number[], (g: GraphBuilder) => string]>([
    ["in a Flatten of all that is behind the batch", [2, 3], (g) => g.add("Flatten", ["x"], { axis: 1 })],
    [
      "in a shape of one image that they are broadcast to",
      [1, 3],
      (g) => g.add("Expand", ["x", g.int64([1, 4, 3])]),
    ],
    ["where a shape copies the batch", [2, 3], (g) => g.add("Reshape", ["x", g.int64([0, -1])])],
    [
      "where a constant shape leaves the batch over",
      [2, 3],
      (g) => g.add("Reshape", ["x", g.int64([-1, 6])]),
    ],
    [
      "where a shape is computed from that of the input",
      [2, 3],
      (g) => {
        const lengths = g.add("Shape", ["x"]);
        const first = g.add("Unsqueeze", [
          g.add("Gather", [lengths, g.constant(tensor("int64", [], BigInt64Array.of(0n)))]),
          g.int64([0]),
        ]);
        return g.add("Reshape", ["x", shape(g, first, -1)]);
      },
    ],
    [
      "in windows that are laid into the batch, and back",
      [4, 4, 3],
      (g) => {
        const cut = g.add("Reshape", ["x", shape(g, count(g), 2, 2, 2, 2, 3)]);
        const turned = g.add("Transpose", [cut], { perm: [0, 1, 3, 2, 4, 5] });
        const windows = g.add("Reshape", [turned, g.int64([-1, 4, 3])]);
        const heads = g.add("Reshape", [windows, shape(g, times(g, count(g), 4), 4, 3, 1)]);
        const attended = g.add("Softmax", [g.add("MatMul", [heads, weights(g, 1, 4)])], { axis: -1 });
        const masked = g.add("Add", [
          g.add("Reshape", [attended, shape(g, count(g), 4, 4, 3, 4)]),
          weights(g, 1, 4, 1, 1, 4),
        ]);
        return g.add("Reshape", [masked, shape(g, over(g, times(g, count(g), 4), 4), 192)]);
      },
    ],
    [
      "in heads that are laid into an axis behind the sequence",
      [5, 4],
      (g) => {
        const sequence = g.add("Transpose", ["x"], { perm: [1, 0, 2] });
        const heads = g.add("Reshape", [sequence, shape(g, 5, times(g, count(g), 2), 2)]);
        const first = g.add("Transpose", [heads], { perm: [1, 0, 2] });
        const scores = g.add("MatMul", [first, g.add("Transpose", [first], { perm: [0, 2, 1] })]);
        const attended = g.add("MatMul", [g.add("Softmax", [scores], { axis: -1 }), first]);
        const back = g.add("Reshape", [
          g.add("Transpose", [attended], { perm: [1, 0, 2] }),
          shape(g, 5, count(g), 4),
        ]);
        return g.add("Transpose", [back], { perm: [1, 0, 2] });
      },
    ],
    [
      "beside a class token for each of them",
      [2, 3],
      (g) =>
        g.add("Concat", [g.add("Expand", [weights(g, 1, 1, 3), shape(g, count(g), 1, 3)]), "x"], { axis: 1 }),
    ],
    [
      "beside a class token that is repeated for each of them",
      [2, 3],
      (g) =>
        g.add("Concat", [g.add("Tile", [weights(g, 1, 1, 3), shape(g, count(g), 1, 1)]), "x"], { axis: 1 }),
    ],
    [
      "beside zeros for each of them",
      [2, 3],
      (g) => g.add("Concat", ["x", g.add("ConstantOfShape", [shape(g, count(g), 1, 3)])], { axis: 1 }),
    ],
    [
      "in sums over products that Einsum expresses",
      [5, 4],
      (g) => g.add("Einsum", ["x", "x"], { equation: "bid,bjd->bij" }),
    ],
    [
      "in the largest of their own values",
      [7],
      (g) => g.addMany("TopK", ["x", g.int64([3])], 2, { axis: 1 })[0]!,
    ],
    [
      "in a normalization of each",
      [2, 4, 4],
      (g) => g.add("MeanVarianceNormalization", ["x"], { axes: [2, 3] }),
    ],
    [
      "in the places of maxima that are only put back",
      [1, 4, 4],
      (g) => {
        const window = { kernel_shape: [2, 2], strides: [2, 2] };
        return g.add("MaxUnpool", g.addMany("MaxPool", ["x"], 2, window), window);
      },
    ],
  ])("%s", (_, dims, build) => {
    const model = freeModel(dims, build);
    expect(withFreeBatch(model)).toEqual({ model });
  });
});

describe("what counts images becomes what one image has alone", () => {
  it.each<[string, readonly number[], (g: GraphBuilder) => string, number?]>([
    [
      "sizes of Resize",
      [1, 3, 4],
      (g) => g.add("Resize", ["x", "", "", g.int64([1, 1, 6, 8])], { mode: "linear" }),
    ],
    [
      "sizes of Resize for some axes",
      [1, 3, 4],
      (g) => g.add("Resize", ["x", "", "", g.int64([8, 1])], { mode: "linear", axes: { ints: [3, 0] } }),
      18,
    ],
    ["a shape", [2, 3], (g) => g.add("Reshape", ["x", g.int64([1, 6])])],
    ["a shape with the rest behind one image", [2, 3], (g) => g.add("Reshape", ["x", g.int64([1, -1])])],
    [
      "a shape of one image's windows",
      [4, 3],
      (g) => g.add("Reshape", [g.add("Reshape", ["x", g.int64([4, 3])]), g.int64([1, 12])]),
    ],
    ["a class token", [2, 3], (g) => g.add("Concat", [weights(g, 1, 1, 3), "x"], { axis: 1 })],
    [
      "zeros",
      [2, 3],
      (g) => g.add("Concat", [g.add("ConstantOfShape", [g.int64([1, 1, 3])]), "x"], { axis: 1 }),
    ],
    [
      "rows of a matrix whose columns are the images",
      [4],
      (g) => {
        const torn = g.add("Reshape", ["x", shape(g, 4, count(g))]);
        return g.add("Reshape", [g.add("Softmax", [torn], { axis: -1 }), shape(g, count(g), 4)]);
      },
    ],
    [
      "a batch in the place of the channels",
      [2, 3, 3],
      (g) => {
        const one = g.add("Reshape", ["x", g.int64([1, -1, 3, 3])]);
        return g.add("Reshape", [g.add("LRN", [one], { size: 3 }), g.int64([-1, 2, 3, 3])]);
      },
    ],
    [
      "columns of a matrix, as many as images",
      [3],
      (g) => {
        const ones = g.add("ConstantOfShape", [shape(g, 3, times(g, count(g), 2))]);
        return g.add("ReduceSum", [g.add("MatMul", ["x", ones]), g.int64([1])]);
      },
    ],
  ])("%s", (_, dims, build, opset) => {
    const { model, obstacle } = withFreeBatch(freeModel(dims, build, opset));
    expect(obstacle).toBeUndefined();
    expect(model.graph.inputs[0]!.dims).toEqual(["batch", ...dims]);
    expect(model.graph.outputs[0]!.dims![0]).toBe("batch");
  });
});

describe("images that may change each other go through the network one by one", () => {
  it.each<[string, readonly number[], (g: GraphBuilder) => string]>([
    ["softmax over the batch", [3], (g) => g.add("Softmax", ["x"], { axis: 0 })],
    ["a logarithm of one", [3], (g) => g.add("LogSoftmax", ["x"], { axis: -2 })],
    ["a maximum of the batch", [3], (g) => g.add("Sub", ["x", g.add("ReduceMax", ["x"], { axes: [0] })])],
    ["a mean over everything", [3], (g) => g.add("Sub", ["x", g.add("ReduceMean", ["x"])])],
    ["a norm over the batch", [3], (g) => g.add("LpNormalization", ["x"], { axis: 0 })],
    ["a normalization over the batch", [2, 3, 4], (g) => g.add("MeanVarianceNormalization", ["x"])],
    [
      "a layer normalization over the batch",
      [3],
      (g) => g.add("LayerNormalization", ["x", weights(g, 3)], { axis: 0 }),
    ],
    [
      "BatchNormalization in training mode",
      [2, 3],
      (g) =>
        g.addMany("BatchNormalization", ["x", ...Array.from({ length: 4 }, () => weights(g, 2))], 3, {
          training_mode: 1,
        })[0]!,
    ],
    [
      "BatchNormalization with outputs of training",
      [2, 3],
      (g) => g.addMany("BatchNormalization", ["x", ...Array.from({ length: 4 }, () => weights(g, 2))], 5)[0]!,
    ],
    [
      "sums along the batch",
      [3],
      (g) => g.add("CumSum", ["x", g.constant(tensor("int64", [], BigInt64Array.of(0n)))]),
    ],
    ["the largest of the batch", [3], (g) => g.addMany("TopK", ["x", g.int64([1])], 2, { axis: 0 })[0]!],
    [
      "which image is the largest",
      [3],
      (g) => g.add("Add", ["x", g.add("Cast", [g.add("ArgMax", ["x"], { axis: 0 })], { to: 1 })]),
    ],
    [
      "products of images",
      [3],
      (g) => g.add("MatMul", [g.add("MatMul", ["x", g.add("Transpose", ["x"])]), "x"]),
    ],
    [
      "products of images in one matrix",
      [3],
      (g) => g.add("Gemm", [g.add("Gemm", ["x", "x"], { transB: 1 }), "x"]),
    ],
    [
      "products that Einsum sums over images",
      [3],
      (g) => g.add("Add", ["x", g.add("Einsum", ["x"], { equation: "bi->i" })]),
    ],
    [
      "the batch turned around",
      [3],
      (g) => g.add("Slice", ["x", g.int64([-1]), g.int64([-(2 ** 31)]), g.int64([0]), g.int64([-1])]),
    ],
    [
      "the first image for each",
      [3],
      (g) => g.add("Add", ["x", g.add("Gather", ["x", g.int64([0])], { axis: 0 })]),
    ],
    [
      "what another image has",
      [3],
      (g) => {
        const before = g.add("Slice", ["x", g.int64([0]), g.int64([-1]), g.int64([0])]);
        const padded = g.add("Pad", [before, g.int64([1, 0, 0, 0])]);
        return g.add("Add", ["x", padded]);
      },
    ],
    [
      "values that are put into images by number",
      [3],
      (g) =>
        g.add("ScatterND", [
          "x",
          g.constant(tensor("int64", [1, 1], BigInt64Array.of(0n))),
          weights(g, 1, 3),
        ]),
    ],
    [
      "numbers of places that go on from image to image",
      [1, 4, 4],
      (g) => g.add("Cast", [g.addMany("MaxPool", ["x"], 2, { kernel_shape: [2, 2] })[1]!], { to: 1 }),
    ],
    [
      "a bias for every column that is one for every image",
      [3, 2],
      (g) =>
        g.add("Gemm", [
          g.add("Flatten", ["x"]),
          weights(g, 6, 2),
          g.add("ReduceMean", ["x"], { axes: [1, 2], keepdims: 0 }),
        ]),
    ],
    ["weights for each of two images", [3], (g) => g.add("Mul", ["x", weights(g, 2, 3)])],
    ["an operator of another domain", [3], (g) => g.add("Relu", ["x"], {}, { domain: "my.own" })],
    ["random numbers", [3], (g) => g.add("Add", ["x", g.add("RandomNormalLike", ["x"])])],
    ["random numbers for all", [3], (g) => g.add("Add", ["x", g.add("RandomNormal", [], { shape: [3] })])],
    [
      "branches that are chosen by the images",
      [3],
      (g) => {
        const branch = (opType: OperatorName) => {
          const inner = graphBuilder(opType);
          inner.output(inner.add(opType, ["x"], {}, { outputs: [`${opType}:y`] }), "float32", ["n", 3]);
          return { graph: inner.build() };
        };
        const condition = g.add("Greater", [g.add("ReduceSum", ["x"], { keepdims: 0 }), g.scalar(0)]);
        return g.add("If", [condition], { then_branch: branch("Relu"), else_branch: branch("Neg") });
      },
    ],
  ])("%s", (_, dims, build) => {
    const opset = _ === "BatchNormalization with outputs of training" ? 9 : 17;
    const { model, obstacle } = withFreeBatch(freeModel(dims, build, opset));
    expect(obstacle).toMatch(/^\w+ ".+": (it|images|its) |^the output "y" does not begin/);
    expect(model.graph.inputs[0]!.dims).toEqual([1, ...dims]);
  });
});

it("a weight for each image of the batch keeps the batch as it is", () => {
  const graph = graphBuilder("slopes");
  graph.input("x", "float32", [3, 4]);
  const slope = graph.constant(tensor("float32", [3, 1], Float32Array.of(0.1, 0.2, 0.3)));
  graph.output(graph.add("PRelu", ["x", slope]), "float32", [3, 4]);
  expect(() => withFreeBatch(modelOf(graph.build()))).toThrow(/takes batches of 3 only/);
});
