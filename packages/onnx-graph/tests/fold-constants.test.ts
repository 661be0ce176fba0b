import { tensor } from "@voxplain/core";
import {
  type Attribute,
  foldConstants,
  type GraphBuilder,
  graphBuilder,
  inferShapes,
  isInMemory,
  modelOf,
  type OperatorName,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

const int64 = (values: readonly bigint[], dims: readonly number[] = [values.length]) =>
  tensor("int64", dims, BigInt64Array.from(values));

/** The constant that a graph computes behind an input that it needs, or the operator that is left. */
function foldedTo(build: (graph: GraphBuilder) => string, options = {}) {
  const graph = graphBuilder("folding");
  graph.input("x", "float32", ["batch", 3, 7, 5]);
  const value = build(graph);
  graph.add("Cast", [value], { to: 1 }, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  const folded = foldConstants(modelOf(graph.build()), options).graph;
  const [last] = folded.nodes.slice(-1);
  const found = folded.initializers.get(last!.inputs[0]!);
  if (found === undefined) return folded.nodes.map(({ opType }) => opType).slice(0, -1);
  return isInMemory(found) ? { dims: found.dims, values: [...found.data] } : undefined;
}

const lengths = (g: GraphBuilder, ...axes: readonly number[]) =>
  g.add("Gather", [g.add("Shape", ["x"]), g.int64(axes)]);

describe("what does not depend on the input is computed", () => {
  it.each<[string, (g: GraphBuilder) => string, readonly number[], readonly (bigint | number)[]]>([
    ["known lengths beside a free batch", (g) => lengths(g, 3, 2), [2], [5n, 7n]],
    ["a slice of the lengths", (g) => g.add("Shape", ["x"], { start: 1 }), [3], [3n, 7n, 5n]],
    [
      "half of a length, through float32",
      (g) => {
        const half = g.add("Mul", [g.add("Cast", [lengths(g, 2)], { to: 1 }), g.scalar(0.5)]);
        return g.add("Cast", [g.add("Floor", [half])], { to: 7 });
      },
      [1],
      [3n],
    ],
    [
      "the pads of F.pad, last axis first",
      (g) => {
        const filled = g.add("ConstantOfShape", [g.int64([4])], { value: { tensor: int64([0n]) } });
        const all = g.add("Concat", [g.int64([1, 2, 3, 4]), filled], { axis: 0 });
        const pairs = g.add("Reshape", [all, g.int64([-1, 2])]);
        const turned = g.add("Slice", [
          pairs,
          g.int64([-1]),
          g.int64([-(2 ** 53)]),
          g.int64([0]),
          g.int64([-1]),
        ]);
        return g.add("Reshape", [g.add("Transpose", [turned], { perm: [1, 0] }), g.int64([-1])]);
      },
      [8],
      [0n, 0n, 3n, 1n, 0n, 0n, 4n, 2n],
    ],
    [
      "int64 beyond 2^53, to the last bit",
      (g) => {
        const most = g.constant(int64([2n ** 62n + 1n]));
        return g.add("Sub", [g.add("Mul", [most, g.int64([1])]), g.constant(int64([-3n]))]);
      },
      [1],
      [2n ** 62n + 4n],
    ],
    [
      "int64 wraps around",
      (g) => g.add("Add", [g.constant(int64([2n ** 63n - 1n])), g.int64([1])]),
      [1],
      [-(2n ** 63n)],
    ],
    [
      "int32 products wrap around, and divisions are cut",
      (g) => {
        const a = g.constant(tensor("int32", [2], Int32Array.of(2 ** 30 + 1, -7)));
        const product = g.add("Mul", [a, g.constant(tensor("int32", [], Int32Array.of(2 ** 30 + 3)))]);
        return g.add("Div", [product, g.constant(tensor("int32", [], Int32Array.of(2)))]);
      },
      [2],
      [1, Math.trunc(((-7 * (2 ** 30 + 3)) | 0) / 2)],
    ],
    [
      "Mod has the sign of the divisor",
      (g) => g.add("Mod", [g.int64([-7, 7, -6]), g.int64([3, -3, 3])]),
      [3],
      [2n, -2n, 0n],
    ],
    [
      "a choice",
      (g) => {
        const free = g.add("Equal", [g.int64([-1, 4]), g.int64([-1])]);
        return g.add("Where", [g.add("Not", [free]), g.int64([8, 9]), g.int64([5])]);
      },
      [2],
      [5n, 9n],
    ],
    [
      "places of truths",
      (g) => g.add("NonZero", [g.constant(tensor("bool", [2, 3], Uint8Array.of(0, 1, 0, 1, 0, 1)))]),
      [2, 3],
      [0n, 1n, 1n, 1n, 0n, 2n],
    ],
    [
      "a grid of places, by Range, Expand, Unsqueeze and Concat along the last axis",
      (g) => {
        const range = g.add("Range", [
          g.constant(int64([0n], [])),
          g.constant(int64([2n], [])),
          g.constant(int64([1n], [])),
        ]);
        const down = g.add("Unsqueeze", [
          g.add("Expand", [g.add("Unsqueeze", [range, g.int64([1])]), g.int64([2, 2])]),
          g.int64([2]),
        ]);
        const right = g.add("Unsqueeze", [g.add("Expand", [range, g.int64([2, 2])]), g.int64([-1])]);
        return g.add("Concat", [down, right], { axis: -1 });
      },
      [2, 2, 2],
      [0n, 0n, 0n, 1n, 1n, 0n, 1n, 1n],
    ],
    [
      "ScatterND into a constant, and GatherND from it",
      (g) => {
        const indices = g.constant(int64([1n, -1n], [1, 2]));
        const written = g.add("ScatterND", [
          g.constant(int64([1n, 2n, 3n, 4n], [2, 2])),
          indices,
          g.int64([9]),
        ]);
        return g.add("GatherND", [written, g.constant(int64([0n, 1n], [2, 1]))]);
      },
      [2, 2],
      [1n, 2n, 3n, 9n],
    ],
    [
      "sums and products of integers",
      (g) => {
        const x = g.constant(int64([1n, 2n, 3n, 4n, 5n, 6n], [2, 3]));
        return g.add("ReduceProd", [g.add("ReduceSum", [x, g.int64([1])], { keepdims: 0 })], { keepdims: 1 });
      },
      [1],
      [90n],
    ],
    [
      "parts of unequal length, repeated",
      (g) =>
        g.add("Tile", [
          g.addMany("Split", [g.int64([1, 2, 3]), g.int64([1, 2])], 2, { axis: 0 })[1]!,
          g.int64([2]),
        ]),
      [4],
      [2n, 3n, 2n, 3n],
    ],
  ])("%s", (_, build, dims, values) => {
    expect(foldedTo(build)).toEqual({ dims, values });
  });
});

describe("what is not folded", () => {
  it.each<[string, (g: GraphBuilder) => string, readonly string[], object?]>([
    ["a free batch", (g) => lengths(g, 0), ["Shape", "Gather"]],
    ["a division by zero", (g) => g.add("Div", [g.int64([1]), g.int64([0])]), ["Div"]],
    [
      "a sum of floats, whose order is the runtime's",
      (g) => g.add("ReduceSum", [g.constant(tensor("float32", [2], Float32Array.of(0.1, 1e8)))]),
      ["ReduceSum"],
    ],
    ["an exponential", (g) => g.add("Exp", [g.scalar(1)]), ["Exp"]],
    [
      "an index that does not exist",
      (g) => g.add("ScatterND", [g.int64([1, 2]), g.constant(int64([5n], [1, 1])), g.int64([3])]),
      ["ScatterND"],
    ],
    ["a large result", (g) => g.add("ConstantOfShape", [g.int64([1000, 1000])]), ["ConstantOfShape"]],
    [
      "what is above the limit that is asked for",
      (g) => g.add("Expand", [g.scalar(1), g.int64([11])]),
      ["Expand"],
      { mostElements: 10 },
    ],
    [
      "what is above the limit for all of them",
      (g) =>
        g.add(
          "Sum",
          (["Expand", "Tile"] as const).map((op) => g.add(op, [g.int64([1]), g.int64([11])])),
        ),
      ["Tile", "Sum"],
      { mostInAll: 10 },
    ],
  ])("%s", (_, build, left, options) => {
    expect(foldedTo(build, options)).toEqual(left);
  });

  it("what needs a weight that is not in memory", () => {
    const read = () => Promise.reject(new Error("must not be read"));
    const lazy = {
      dtype: "float32",
      dims: [2, 3],
      read,
      chunks: () => {
        throw new Error("must not be read");
      },
    } as const;
    const found = foldedTo((g) => g.add("Transpose", [g.initializer("weight", lazy)]));
    expect(found).toEqual(["Transpose"]);
  });

  it("the node that gives an output", () => {
    const graph = graphBuilder("output");
    graph.input("x", "float32", [3]);
    graph.output(graph.add("Shape", ["x"], {}, { outputs: ["y"] }), "int64", [1]);
    const model = modelOf(graph.build());
    expect(foldConstants(model).graph).toEqual(model.graph);
  });
});

it("an If whose condition is computed from known lengths becomes its branch", () => {
  const branch = (opType: OperatorName): Attribute => {
    const inner = graphBuilder(opType);
    inner.output(inner.add(opType, ["x"], {}, { outputs: [`${opType} of x`] }), "float32", undefined);
    return { graph: inner.build() };
  };
  const graph = graphBuilder("choice");
  graph.input("x", "float32", ["batch", 1, 4]);
  const isOne = graph.add("Equal", [
    graph.add("Gather", [graph.add("Shape", ["x"]), graph.int64([1])]),
    graph.int64([1]),
  ]);
  graph.add("If", [isOne], { then_branch: branch("Exp"), else_branch: branch("Neg") }, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  const folded = foldConstants(modelOf(graph.build()));
  expect(folded.graph.nodes.map(({ opType }) => opType)).toEqual(["Exp"]);
  expect(folded.graph.initializers.size).toBe(0);
  expect(inferShapes(folded).get("y")?.dims).toEqual(["batch", 1, 4]);
});

it("leaves to the runtime what does not fit together, such as integers beside floats", () => {
  const graph = graphBuilder("mixed");
  const floats = graph.constant(tensor("float32", [1], Float32Array.of(1.5)));
  graph.add("Concat", [graph.int64([1]), floats], { axis: 0 }, { outputs: ["y"] });
  graph.output(graph.add("Identity", ["y"]), "int64", [2]);
  expect(foldConstants(modelOf(graph.build())).graph.nodes.map(({ opType }) => opType)).toContain("Concat");
});

describe("Ifs of which each computes the condition of the next", () => {
  /** The operators that are left of a chain of Ifs. */
  function leftOf(length: number): readonly string[] {
    const graph = graphBuilder("chain");
    graph.input("x", "float32", ["batch", 3]);
    let condition = graph.initializer("c", tensor("bool", [], Uint8Array.of(1)));
    let value = "x";
    for (let k = 0; k < length; k++) {
      const branch = (name: string, opType: OperatorName): Attribute => {
        const inner = graphBuilder(name);
        inner.output(inner.add("Not", [condition], {}, { outputs: [`${name}/c`] }), "bool", []);
        inner.output(inner.add(opType, [value], {}, { outputs: [`${name}/y`] }), "float32", undefined);
        return { graph: inner.build() };
      };
      const branches = { then_branch: branch(`a${k}`, "Exp"), else_branch: branch(`b${k}`, "Neg") };
      [condition, value] = graph.addMany("If", [condition], 2, branches) as [string, string];
    }
    graph.add("Identity", [value], {}, { outputs: ["y"] });
    graph.output("y", "float32", undefined);
    return foldConstants(modelOf(graph.build())).graph.nodes.map(({ opType }) => opType);
  }

  it("become their branches", () => {
    expect(leftOf(4)).toEqual(["Exp", "Neg", "Exp", "Neg", "Identity"]);
  });

  it("stay beyond twenty, so that a hostile file does not take minutes", () => {
    const before = process.cpuUsage();
    expect(leftOf(1000).filter((opType) => opType === "If")).toHaveLength(980);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});
