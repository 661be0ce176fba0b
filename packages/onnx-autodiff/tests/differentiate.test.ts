import { isVoxplainError, type Tensor, tensor } from "@voxplain/core";
import { type Dim, type GraphBuilder, graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { differentiate, type GradientRules, gradientRules, none, unary } from "../src/index.ts";
import { array, type NdArray } from "./interpreter/array.ts";
import { evaluate } from "./interpreter/evaluate.ts";

/** A float32 graph from x to its output y. */
function modelFrom(dims: readonly Dim[], build: (graph: GraphBuilder) => string, opset = 17): Model {
  const graph = graphBuilder("test");
  graph.input("x", "float32", dims);
  const output = build(graph);
  graph.output(output, "float32", undefined);
  return modelOf(graph.build(), { opsets: { "": opset } });
}

function weight(dims: readonly number[], value = 1): Tensor {
  const count = dims.reduce((product, length) => product * length, 1);
  return tensor("float32", dims, new Float32Array(count).fill(value));
}

const to = (name: string) => ({ outputs: [name], name });

/** Values of the differentiated model, with a cotangent of ones. */
function run(model: Model, x: NdArray, options = {}) {
  const differentiated = differentiate(model, options);
  const output = evaluate(model, { x }).get(differentiated.cotangent.slice("cotangent:".length))!;
  const ones = array(
    output.dims,
    output.data.map(() => 1),
  );
  const values = evaluate(differentiated.model, { x, [differentiated.cotangent]: ones });
  const gradient = (value: string) => Array.from(values.get(differentiated.gradients[value]!)!.data);
  return { ...differentiated, values, gradient };
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isVoxplainError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

const opTypes = (model: Model) => model.graph.nodes.map(({ opType }) => opType);

describe("the differentiated model", () => {
  const model = modelFrom(["batch", 2], (graph) => {
    const square = graph.add("Mul", ["x", "x"], {}, to("square"));
    const exponential = graph.add("Exp", ["x"], {}, to("exponential"));
    return graph.add("Add", [square, exponential], {}, to("y"));
  });

  it("begins with the forward nodes as they were", () => {
    const { graph } = differentiate(model).model;
    expect(graph.nodes.slice(0, 3)).toEqual(model.graph.nodes);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y", "gradient:x"]);
  });

  it("takes the cotangent as an input that is shaped like the output", () => {
    const { model: differentiated, cotangent } = differentiate(model);
    expect(cotangent).toBe("cotangent:y");
    expect(differentiated.graph.inputs).toEqual([
      { name: "x", dtype: "float32", dims: ["batch", 2] },
      { name: "cotangent:y", dtype: "float32", dims: ["batch", 2] },
    ]);
  });

  it("adds up what comes from several uses of a value", () => {
    const { gradient } = run(model, array([1, 2], [0, 1.5]));
    expect(gradient("x")).toEqual([1, 3 + Math.exp(1.5)]);
  });

  it("can be differentiated again", () => {
    const cube = modelFrom([2], (graph) =>
      graph.add("Mul", ["x", graph.add("Mul", ["x", "x"])], {}, to("y")),
    );
    const first = differentiate(cube);
    const second = differentiate(first.model, {
      output: first.gradients.x!,
      withRespectTo: ["x", first.cotangent],
    });
    const values = evaluate(second.model, {
      x: array([2], [2, -3]),
      [first.cotangent]: array([2], [1, 1]),
      [second.cotangent]: array([2], [1, 10]),
    });
    // x³ → 3x² → 6x; and 3x² at the first cotangent, in which the gradient is linear.
    expect(Array.from(values.get(second.gradients.x!)!.data)).toEqual([12, -180]);
    expect(Array.from(values.get(second.gradients[first.cotangent]!)!.data)).toEqual([12, 270]);
  });

  it("finds names of its own where a value has them already", () => {
    const taken = modelFrom([2], (graph) => {
      const odd = graph.add("Exp", ["x"], {}, to("gradient:x"));
      return graph.add("Exp", [graph.add("Neg", [odd], {}, to("cotangent:y"))], {}, to("y"));
    });
    const { cotangent, gradients, model: differentiated } = differentiate(taken);
    const names = differentiated.graph.nodes.flatMap(({ outputs }) => outputs);
    expect(new Set([...names, cotangent]).size).toBe(names.length + 1);
    expect(gradients.x).not.toBe("gradient:x");
  });

  it("keeps weights once, and adds only small constants", () => {
    const network = modelFrom(["batch", 2, 5, 6, 7], (graph) => {
      const kernel = graph.initializer("w", weight([4, 2, 3, 3, 3]));
      const strided = graph.initializer("v", weight([3, 4, 3, 3, 3]));
      const convolved = graph.add("Relu", [graph.add("Conv", ["x", kernel], { pads: [1, 1, 1, 1, 1, 1] })]);
      const reduced = graph.add("Conv", [convolved, strided], { strides: [2, 2, 2] });
      const flat = graph.add("Flatten", [
        graph.add("MaxPool", [reduced], { kernel_shape: [1, 2, 2], strides: [1, 2, 2] }),
      ]);
      return graph.add("Gemm", [flat, graph.initializer("u", weight([2, 6]))], { transB: 1 }, to("y"));
    });
    const { graph } = differentiate(network).model;
    const added = [...graph.initializers].filter(([name]) => !network.graph.initializers.has(name));
    expect(graph.initializers.get("w")).toBe(network.graph.initializers.get("w"));
    expect(Math.max(...added.map(([, { dims }]) => dims[0] ?? 1))).toBeLessThanOrEqual(11);
    const contents = added.map(([, value]) =>
      "data" in value ? `${value.dtype} ${value.dims} ${value.data}` : "",
    );
    expect(new Set(contents).size).toBe(contents.length);
  });

  it("asks the graph's input, not an inner value, how large the batch is", () => {
    const network = modelFrom(["batch", 1, 4, 6], (graph) =>
      graph.add("MaxPool", [graph.add("Exp", ["x"])], { kernel_shape: [2, 2], strides: [2, 2] }, to("y")),
    );
    const shapes = differentiate(network).model.graph.nodes.filter(({ opType }) => opType === "Shape");
    expect(shapes.map(({ inputs }) => inputs)).toEqual([["x"]]);
  });
});

describe("values to differentiate with respect to", () => {
  const model = modelFrom([2], (graph) => {
    const inner = graph.add("Exp", ["x"], {}, to("inner"));
    graph.add("Neg", [inner], {}, to("aside"));
    return graph.add("Mul", [inner, inner], {}, to("y"));
  });
  const x = array([2], [0, 0.5]);

  it("may be inner ones, which become outputs", () => {
    const { gradient, model: differentiated } = run(model, x, { withRespectTo: ["inner", "x"] });
    expect(gradient("inner")).toEqual([2, 2 * Math.exp(0.5)]);
    expect(gradient("x")[1]).toBeCloseTo(2 * Math.exp(1), 12);
    expect(differentiated.graph.outputs.map(({ name }) => name)).toEqual([
      "y",
      "inner",
      "gradient:inner",
      "gradient:x",
    ]);
  });

  it("leave the nodes before them unchanged", () => {
    const { model: differentiated } = differentiate(model, { withRespectTo: ["inner"] });
    expect(opTypes(differentiated)).toEqual(["Exp", "Neg", "Mul", "Mul", "Mul", "Add"]);
  });

  it("may be the output itself, whose gradient is the cotangent", () => {
    expect(run(model, x, { withRespectTo: ["y"] }).gradient("y")).toEqual([1, 1]);
  });

  it("may be weights", () => {
    const linear = modelFrom([2], (graph) =>
      graph.add("Mul", ["x", graph.initializer("w", weight([1], 3))], {}, to("y")),
    );
    expect(run(linear, array([2], [2, 5]), { withRespectTo: ["w"] }).gradient("w")).toEqual([7]);
  });

  it("may share one gradient", () => {
    const sum = modelFrom([2], (graph) =>
      graph.add("Add", ["x", graph.add("Exp", ["x"], {}, to("e"))], {}, to("y")),
    );
    const { gradient } = run(sum, array([2], [0, 1]), { withRespectTo: ["e", "y", "x"] });
    expect([gradient("e"), gradient("y"), gradient("x")]).toEqual([
      [1, 1],
      [1, 1],
      [2, 1 + Math.E],
    ]);
  });

  it.each([
    [
      { withRespectTo: ["z"] },
      'invalid-argument: the graph has no value "z"; its inputs are "x", its outputs "y"',
    ],
    [{ output: "z" }, 'invalid-argument: the graph has no value "z"'],
    [{ withRespectTo: [] }, "invalid-argument: no value is named"],
    [
      { output: "x", withRespectTo: ["inner"] },
      'invalid-argument: "x" has no gradient with respect to "inner"',
    ],
    [{ withRespectTo: ["x", "aside"] }, 'invalid-argument: "y" has no gradient with respect to "aside"'],
  ])("%j: %s", (options, message) => {
    expect(messageOf(() => differentiate(model, options))).toContain(message);
  });

  it("hold floating-point numbers", () => {
    const graph = graphBuilder("integers");
    graph.input("x", "int64", [2]);
    graph.output(graph.add("Neg", ["x"], {}, to("y")), "int64", [2]);
    const integers = modelOf(graph.build());
    expect(messageOf(() => differentiate(integers))).toBe(
      'invalid-argument: "y" has no gradient: expected floating-point numbers, found int64',
    );
  });
});

describe("operators without a rule", () => {
  const model = modelFrom([2, 3], (graph) => {
    const a = graph.add("GRU", ["x"], {}, { outputs: ["a"], name: "first" });
    const b = graph.add("Attention", [a], {}, { outputs: ["b"], name: "second", domain: "com.microsoft" });
    const c = graph.add("constructor", [b], {}, { outputs: ["c"], name: "third", domain: "" });
    graph.add("Resize", [c], {}, to("unused"));
    return graph.add("Exp", [c], {}, to("y"));
  });
  // Shapes of unknown operators are not inferred; exporters state them.
  const stated = {
    ...model,
    graph: {
      ...model.graph,
      valueInfo: ["a", "b", "c", "y"].map((name) => ({ name, dtype: "float32" as const, dims: [2, 3] })),
    },
  };

  it("are all named in one error", () => {
    const message = messageOf(() => differentiate(stated));
    expect(message).toContain(
      'unsupported: the gradient is not known of GRU "first", com.microsoft.Attention "second", constructor "third"',
    );
    expect(message).not.toContain('Resize "');
  });

  it("are counted where they are many", () => {
    const many = modelFrom([2, 3], (graph) => {
      const last = ["a", "b", "c"].reduce(
        (x, name) => graph.add("Fancy", [x], {}, { outputs: [name], name, domain: "" }),
        "x",
      );
      return graph.add("Exp", [last], {}, to("y"));
    });
    const valueInfo = ["a", "b", "c"].map((name) => ({ name, dtype: "float32" as const, dims: [2, 3] }));
    expect(messageOf(() => differentiate({ ...many, graph: { ...many.graph, valueInfo } }))).toContain(
      'the gradient is not known of Fancy (3 nodes, the first is "a")',
    );
  });

  it("are an error also where a subgraph takes the value from outside", () => {
    const branch = {
      ...graphBuilder("branch").build(),
      outputs: [{ name: "x", dtype: "float32" as const, dims: [2] }],
    };
    const conditional = modelFrom([2], (graph) => {
      const condition = graph.input("condition", "bool", []);
      const chosen = graph.add(
        "If",
        [condition],
        { then_branch: { graph: branch }, else_branch: { graph: branch } },
        to("if"),
      );
      return graph.add("Add", ["x", chosen], {}, to("y"));
    });
    const known = { ...conditional.graph, valueInfo: [{ name: "if", dtype: "float32" as const, dims: [2] }] };
    expect(messageOf(() => differentiate({ ...conditional, graph: known }))).toContain(
      'not known of If "if"',
    );
  });

  it("differ from those that are known to have no gradient", () => {
    const stepped = modelFrom([3], (graph) =>
      graph.add("Mul", ["x", graph.add("Floor", ["x"])], {}, to("y")),
    );
    expect(run(stepped, array([3], [-0.5, 0.5, 2.5])).gradient("x")).toEqual([-1, 0, 2]);
  });

  it("do not matter in the arithmetic of shapes", () => {
    const reshaped = modelFrom(["batch", 2, 3], (graph) => {
      const shape = graph.add("Shape", ["x"]);
      const batch = graph.add("Gather", [shape, graph.int64([0])]);
      return graph.add(
        "Reshape",
        ["x", graph.add("Concat", [batch, graph.int64([6])], { axis: 0 })],
        {},
        to("y"),
      );
    });
    const { values } = run(reshaped, array([2, 2, 3], new Array(12).fill(1)));
    expect(values.get("gradient:x")!.dims).toEqual([2, 2, 3]);
  });

  it("make a zero gradient an error where nothing else connects two values", () => {
    const steps = modelFrom([3], (graph) => graph.add("Floor", ["x"], {}, to("y")));
    expect(messageOf(() => differentiate(steps))).toContain('"y" has no gradient with respect to "x"');
  });
});

it("all that rules refuse is named in one error, from the input to the output", () => {
  const model = modelFrom([4, 1, 3, 3], (graph) => {
    const grid = graph.add("Slice", ["x", graph.int64([0]), graph.int64([2]), graph.int64([3])]);
    const places = graph.add("Reshape", [grid, graph.int64([4, 1, 3, 2])]);
    const sampled = graph.add("GridSample", ["x", places], {}, { outputs: ["sampled"], name: "sampler" });
    const training = graph.constant(tensor("bool", [], Uint8Array.of(1)));
    const dropped = graph.add("Dropout", [sampled, graph.scalar(0.5), training], {}, to("dropped"));
    return graph.add("Relu", [dropped], {}, to("y"));
  });
  expect(messageOf(() => differentiate(model))).toContain(
    'unsupported: the gradient of GridSample "sampler" is not supported: its grid is not fixed; ' +
      'the gradient of Dropout "dropped" is not supported: it is, or may be, in training mode',
  );
});

describe("another table of rules", () => {
  const model = modelFrom([4], (graph) => graph.add("Relu", ["x"], {}, to("y")));
  const x = array([4], [-1, 0, 1, 2]);

  it("makes another method", () => {
    const deconvolution: GradientRules = { ...gradientRules, Relu: unary((g, dy) => g.emit("Relu", [dy])) };
    expect(run(model, x, { rules: deconvolution }).gradient("x")).toEqual([1, 1, 1, 1]);
    expect(run(model, x).gradient("x")).toEqual([0, 0, 1, 1]);
  });

  it("may let a gradient drop, which is zero then", () => {
    const rules: GradientRules = { ...gradientRules, Relu: () => [undefined] };
    expect(run(model, x, { rules }).gradient("x")).toEqual([0, 0, 0, 0]);
  });

  it("may declare that an operator has none", () => {
    const rules: GradientRules = { ...gradientRules, Relu: none };
    expect(messageOf(() => differentiate(model, { rules }))).toContain(
      '"y" has no gradient with respect to "x"',
    );
  });
});

describe("operator sets", () => {
  const build = (graph: GraphBuilder) => graph.add("Exp", ["x"], {}, to("y"));

  it.each([
    [7, 17],
    [13, 17],
    [16, 17],
    [17, 17],
    [18, 18],
    [21, 21],
  ])("a model of %i becomes one of %i", (before, after) => {
    expect(differentiate(modelFrom([2], build, before)).model.opsets[""]).toBe(after);
  });

  it("that are too old are refused", () => {
    expect(messageOf(() => differentiate(modelFrom([2], build, 6)))).toBe(
      "unsupported: the model uses operator set 6; export it with 7 or newer (17 is a good choice)",
    );
  });
});

describe("what a rule does not support is an error that names the node", () => {
  const image = ["n", 2, 5, 6];
  const parameters = (graph: GraphBuilder, ...names: string[]) =>
    names.map((name) => graph.initializer(name, weight([2])));
  const cases: [string, readonly Dim[], (graph: GraphBuilder) => string][] = [
    [
      'Pad "y" is not supported: the length of "x" along axis 2 is not fixed',
      ["n", 2, "h", 6],
      (graph) => graph.add("Pad", ["x", graph.int64([0, 0, 1, 1, 0, 0, 1, 1])], { mode: "reflect" }, to("y")),
    ],
    [
      'Conv "y" is not supported: its weights are not fixed',
      [2, 2, 3, 3],
      (graph) => graph.add("Conv", ["x", "x"], { pads: [1, 1, 1, 1] }, to("y")),
    ],
    [
      'BatchNormalization "y" is not supported: it is in training mode',
      image,
      (graph) =>
        graph.add(
          "BatchNormalization",
          ["x", ...parameters(graph, "a", "b", "c", "d")],
          { training_mode: 1 },
          to("y"),
        ),
    ],
    [
      'Dropout "y" is not supported: it is, or may be, in training mode',
      image,
      (graph) =>
        graph.add("Dropout", ["x", "", graph.constant(tensor("bool", [], Uint8Array.of(1)))], {}, to("y")),
    ],
    [
      'Conv "y" is not supported: the shape of "x", [n, 1, h, 6], is not fixed',
      ["n", 1, "h", 6],
      (graph) =>
        graph.add("Conv", ["x", graph.initializer("w", weight([2, 1, 3, 3]))], { strides: [2, 2] }, to("y")),
    ],
    [
      'Slice "y" is not supported: its axes are computed',
      image,
      (graph) =>
        graph.add(
          "Slice",
          ["x", graph.int64([0]), graph.int64([9]), graph.add("Shape", ["x"], { end: 1 })],
          {},
          to("y"),
        ),
    ],
    ...(["ScatterElements", "ScatterND"] as const).map((opType): (typeof cases)[number] => [
      `${opType} "y" is not supported: its reduction is "mul"; only "none" and "add" are supported`,
      [3, 1],
      (graph) =>
        graph.add(
          opType,
          [
            "x",
            graph.constant(tensor("int64", [2, 1], BigInt64Array.of(0n, 2n))),
            graph.initializer("w", weight([2, 1])),
          ],
          { reduction: "mul" },
          to("y"),
        ),
    ]),
  ];

  it.each(cases)("%s", (message, dims, build) => {
    expect(messageOf(() => differentiate(modelFrom(dims, build)))).toContain(
      `unsupported: the gradient of ${message}`,
    );
  });
});

it("an image of any size goes through convolutions of stride 1 and a global average", () => {
  const network = modelFrom(["n", 1, "h", "w"], (graph) => {
    const kernel = graph.initializer("w", weight([1, 1, 3, 2], 2));
    const convolved = graph.add("Conv", ["x", kernel], { pads: [1, 0, 1, 1] });
    return graph.add("GlobalAveragePool", [graph.add("Relu", [convolved])], {}, to("y"));
  });
  const { gradient } = run(network, array([1, 1, 3, 4], new Array(12).fill(1)));
  // Each element is multiplied by 2 once for each place of the 3 × 2 kernel that covers it, and shared by 12.
  const rows = [2, 3, 2];
  const columns = [1, 2, 2, 2];
  const expected = rows.flatMap((above) => columns.map((before) => (2 * above * before) / 12));
  for (const [k, value] of gradient("x").entries()) expect(value).toBeCloseTo(expected[k]!, 12);
});
