import { readFileSync } from "node:fs";
import { type DType, type Tensor, tensor } from "@voxplain/core";
import {
  type Attribute,
  type Dim,
  decodeModel,
  graphBuilder,
  inferShapes,
  modelOf,
  type OperatorName,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

const fixtures = new URL("./fixtures/", import.meta.url);
const json = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

interface Case {
  readonly name: string;
  readonly op: OperatorName;
  readonly opset: number;
  readonly attributes: Record<string, Attribute>;
  readonly nodeInputs: string[];
  readonly inputs: { dtype: DType; dims: Dim[] }[];
  readonly constants: Record<string, { dtype: DType; dims: number[]; data: (string | number)[] }>;
  readonly expected: { dtype: DType; dims: Dim[] }[];
}

describe("one operator, against onnx.shape_inference", () => {
  it.each(json("shape-cases.json") as Case[])("$name", (given) => {
    const outputs = given.expected.map((_, k) => `y${k}`);
    const shapes = inferShapes(modelOf(graphOf(given, outputs), { opsets: { "": given.opset } }));
    const found = outputs.map((name) => shapes.get(name));
    for (const [k, { dtype, dims }] of given.expected.entries()) {
      expect(found[k]?.dtype).toBe(dtype);
      // Where the reference leaves an axis open, ours may know it.
      const comparable = found[k]?.dims?.map((dim, axis) => (dims[axis] === null ? null : dim));
      expect(comparable).toEqual(dims);
    }
  });
});

function graphOf({ op, attributes, nodeInputs, inputs, constants }: Case, outputs: string[]) {
  const builder = graphBuilder("case");
  for (const [k, { dtype, dims }] of inputs.entries()) builder.input(`x${k}`, dtype, dims);
  for (const [name, { dtype, dims, data }] of Object.entries(constants)) {
    builder.initializer(name, constantOf(dtype, dims, data));
  }
  builder.addMany(op, nodeInputs, outputs.length, attributes, { name: "node", outputs });
  return builder.build();
}

function constantOf(dtype: DType, dims: number[], data: (string | number)[]): Tensor {
  return dtype === "int64"
    ? tensor("int64", dims, BigInt64Array.from(data, BigInt))
    : tensor("float32", dims, Float32Array.from(data, Number));
}

describe("models exported by PyTorch, whose shapes the graph computes", () => {
  const expected = json("exports.json") as Record<string, Dim[][]>;
  it.each(Object.keys(expected))("%s", async (name) => {
    const model = await decodeModel(readFileSync(new URL(`${name}.onnx`, fixtures)));
    // What the file itself says of inner values and outputs must not help.
    const outputs = model.graph.outputs.map((value) => ({ ...value, dims: undefined }));
    const shapes = inferShapes({ ...model, graph: { ...model.graph, outputs, valueInfo: [] } });
    expect(model.graph.outputs.map((value) => shapes.get(value.name)?.dims)).toEqual(expected[name]);
    expect([...shapes.values()].filter(({ dims }) => dims === undefined)).toEqual([]);
  });
});

const float = (...dims: Dim[]) => dims;

/** One node on fed inputs. */
function inferred(op: string, inputs: Dim[][], attributes: Record<string, Attribute> = {}, domain = "") {
  const builder = graphBuilder("case");
  const names = inputs.map((dims, k) => builder.input(`x${k}`, "float32", dims));
  builder.add(op, names, attributes, { name: "layer1", domain, outputs: ["y"] });
  return inferShapes(modelOf(builder.build())).get("y");
}

describe("inputs that do not fit together", () => {
  const ints = (...values: number[]): Attribute => ({ ints: values });
  const cases: [string, Dim[][], Record<string, Attribute>, RegExp][] = [
    [
      "Conv",
      [float("batch", 2, 9, 8), float(4, 3, 3, 3)],
      {},
      /\[batch, 2, 9, 8\].*\[4, 3, 3, 3\].*channels.*2 and 3/,
    ],
    ["Conv", [float("batch", 1, 9, 8, 7), float(4, 1, 3, 3)], {}, /4 axes.*5/],
    [
      "Conv",
      [float("batch", 2, 9, 8), float(3, 1, 3, 3)],
      { group: { int: 2 } },
      /3 output channels.*2 groups/,
    ],
    ["Conv", [float(1, 1, 2, 8), float(4, 1, 3, 3)], {}, /window of 3 is larger than an axis of 2/],
    ["Conv", [float(1, 1, 9, 8), float(4, 1, 3, 3)], { strides: ints(0, 1) }, /at least 1/],
    [
      "Conv",
      [float(1, 1, 9, 8), float(4, 1, 3, 3)],
      { pads: ints(1, 1) },
      /pads \[1,1\] should have 4 values/,
    ],
    ["MaxPool", [float(1, 1, 9, 8)], { kernel_shape: ints(2, 2, 2) }, /should have 2 axes/],
    ["BatchNormalization", [float(1, 4, 9), ...Array.from({ length: 4 }, () => float(5))], {}, /4 and 5/],
    ["Add", [float("batch", 3), float(4)], {}, /3 and 4/],
    ["Gemm", [float("batch", 5), float(6, 2)], {}, /inner axes.*5 and 6/],
    ["MatMul", [float("batch", 3, 5), float(4, 2)], {}, /inner axes.*5 and 4/],
    ["Concat", [float("batch", 3), float("batch", 4)], { axis: { int: 0 } }, /3 and 4/],
    ["Concat", [float("batch", 3), float("batch", 3)], { axis: { int: 2 } }, /no axis 2/],
    ["Transpose", [float("batch", 3)], { perm: ints(0, 0) }, /not an order/],
  ];
  it.each(cases)("%s %j: names the node, its inputs and what differs", (op, inputs, attributes, message) => {
    const named = expect.stringMatching(new RegExp(`^${op} "layer1" .*"x0" \\[`));
    expect(() => inferred(op, inputs, attributes)).toThrow(
      expect.objectContaining({ code: "mismatch", message: named }),
    );
    expect(() => inferred(op, inputs, attributes)).toThrow(message);
  });

  it("Reshape to another number of elements", () => {
    const builder = graphBuilder("case");
    const x = builder.input("x", "float32", ["batch", 24]);
    builder.add("Reshape", [x, builder.int64([0, 5, 5])], {}, { name: "view" });
    expect(() => inferShapes(modelOf(builder.build()))).toThrow(/Reshape "view".*\[24\].*\[5, 5\]/);
  });
});

describe("axes that are symbols", () => {
  it.each([
    [
      "Conv",
      [
        ["n", 1, "h", "w"],
        [4, 1, 3, 3],
      ],
      { pads: { ints: [1, 1, 1, 1] } },
      ["n", 4, "h", "w"],
    ],
    [
      "Conv",
      [
        ["n", 1, "h", 9],
        [4, 1, 3, 3],
      ],
      { strides: { ints: [2, 2] } },
      ["n", 4, null, 4],
    ],
    [
      "Conv",
      [
        ["n", 1, "h", 9],
        [4, 1, 3, 3],
      ],
      { auto_pad: { string: "SAME_UPPER" } },
      ["n", 4, "h", 9],
    ],
    ["Flatten", [["n", 3, 5]], {}, ["n", 15]],
    ["Flatten", [["n", "h", 5]], {}, ["n", null]],
    [
      "MatMul",
      [
        ["n", 3, 5],
        ["n", 5, 2],
      ],
      {},
      ["n", 3, 2],
    ],
    [
      "Add",
      [
        ["n", 3],
        ["m", 1],
      ],
      {},
      [null, 3],
    ],
    [
      "Add",
      [
        ["n", 3],
        [4, 1],
      ],
      {},
      [4, 3],
    ],
  ] as [string, Dim[][], Record<string, Attribute>, Dim[]][])("%s of %j", (op, inputs, attributes, dims) => {
    expect(inferred(op, inputs, attributes)?.dims).toEqual(dims);
  });

  it("go through the arithmetic that exporters write: Shape, Gather, Div, Concat, Equal, Where", () => {
    const builder = graphBuilder("case");
    const x = builder.input("x", "float32", ["batch", 6, 4]);
    const shape = builder.add("Shape", [x]);
    const at = (k: number) => builder.add("Gather", [shape, builder.int64([k])]);
    const half = builder.add("Div", [at(1), builder.int64([2])]);
    const target = builder.add("Concat", [at(0), half, builder.int64([-1])], { axis: 0 });
    builder.add("Reshape", [x, target], {}, { outputs: ["y"] });
    const spread = builder.add("Where", [
      builder.add("Equal", [target, builder.int64([-1])]),
      builder.int64([1]),
      target,
    ]);
    builder.add("ConstantOfShape", [spread], {}, { outputs: ["z"] });
    const shapes = inferShapes(modelOf(builder.build()));
    expect(shapes.get("y")?.dims).toEqual(["batch", 3, 8]);
    expect(shapes.get("z")?.dims).toEqual(["batch", 3, 1]);
  });
});

describe("a reduction over axes that are computed", () => {
  const reduced = (keepdims: number, axes: readonly Dim[]) => {
    const builder = graphBuilder("case");
    const [x, along] = [builder.input("x", "float32", ["n", 3, 4]), builder.input("axes", "int64", axes)];
    builder.add("ReduceSum", [x, along], { keepdims }, { outputs: ["y"] });
    return inferShapes(modelOf(builder.build())).get("y")?.dims;
  };

  it("has as many axes as are left, where it is known how many go", () => {
    expect(reduced(1, [null])).toEqual([null, null, null]);
    expect(reduced(0, [2])).toEqual([null]);
    expect(reduced(0, ["k"])).toBeUndefined();
    // None named: all of them, or none.
    expect(reduced(0, [0])).toBeUndefined();
  });
});

describe("operators without a rule", () => {
  it.each([
    ["Conv", "com.example"],
    ["constructor", ""],
    ["__proto__", ""],
    ["LSTM", ""],
  ])("%s of domain %j leaves the axes open", (op, domain) => {
    expect(inferred(op, [["batch", 3]], {}, domain)).toEqual({
      name: "y",
      dtype: "float32",
      dims: undefined,
    });
  });

  it("gives what the file states, and goes on from there", () => {
    const builder = graphBuilder("case");
    const x = builder.input("x", "float32", ["batch", 3]);
    builder.add("Custom", [x], {}, { domain: "com.example", outputs: ["inner"] });
    builder.add("Relu", ["inner"], {}, { outputs: ["y"] });
    const valueInfo = [{ name: "inner", dtype: "float64", dims: ["batch", 7] } as const];
    const shapes = inferShapes(modelOf({ ...builder.build(), valueInfo }));
    expect(shapes.get("y")).toEqual({ name: "y", dtype: "float64", dims: ["batch", 7] });
  });
});

describe("graphs that would grow without bound", () => {
  it("constants that double sixty times", () => {
    const builder = graphBuilder("case");
    let value = builder.int64([1, 2]);
    for (let k = 0; k < 60; k++) value = builder.add("Concat", [value, value], { axis: 0 });
    expect(inferShapes(modelOf(builder.build())).get(value)?.dims).toEqual([2 ** 61]);
  });

  it("axes that double sixty times", () => {
    const builder = graphBuilder("case");
    let value = builder.input("x", "int64", [1, 1, 1]);
    for (let k = 0; k < 60; k++) value = builder.add("Gather", [value, value]);
    expect(inferShapes(modelOf(builder.build())).get(value)?.dims).toBeUndefined();
  });

  it("shapes with a billion axes", () => {
    const builder = graphBuilder("case");
    const shape = builder.input("shape", "int64", [1e9]);
    const range = builder.add(
      "Range",
      [0, 1e12, 1].map((value) => builder.constant(tensor("int64", [], BigInt64Array.of(BigInt(value))))),
    );
    const y = builder.add("ConstantOfShape", [shape]);
    const shapes = inferShapes(modelOf(builder.build()));
    expect([shapes.get(y)?.dims, shapes.get(range)?.dims]).toEqual([undefined, [1e12]]);
  });
});

it("knows how many axes a Slice without axes cuts by its starts, also where those are fed", () => {
  const graph = graphBuilder("slice");
  const x = graph.input("x", "float32", [20, 10, 5]);
  const [starts, ends] = ["starts", "ends"].map((name) => graph.input(name, "int64", [2]));
  graph.add("Slice", [x, starts!, ends!], {}, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  expect(inferShapes(modelOf(graph.build())).get("y")?.dims).toEqual([null, null, 5]);
});
