import { tensor, VoxplainError } from "@voxplain/core";
import {
  type Attribute,
  type GraphBuilder,
  graphBuilder,
  inferShapes,
  type Model,
  modelOf,
  type OperatorName,
  upgradeOpset,
  validateGraph,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

// That values stay the same to the bit is tested in onnx-autodiff, where ONNX Runtime is at hand.

function modelFrom(
  opset: number,
  build: (graph: GraphBuilder) => void,
  dtype: "float32" | "float16" = "float32",
): Model {
  const graph = graphBuilder("old");
  graph.input("x", dtype, ["batch", 3, 4, 5]);
  build(graph);
  graph.output("y", dtype, undefined);
  return modelOf(graph.build(), { irVersion: 4, opsets: { "": opset, "com.microsoft": 1 } });
}

const to = (name: string, ...others: readonly string[]) => ({ name, outputs: [name, ...others] });
const nodeTexts = ({ graph }: Model) =>
  graph.nodes.map(({ opType, inputs, outputs }) => `${outputs.join(",")} = ${opType}(${inputs.join(",")})`);

describe("the upgraded model", () => {
  it("is of operator set 17 and IR 8, and keeps other domains and names", () => {
    const model = modelFrom(9, (g) => g.add("Softmax", ["x"], {}, to("y")));
    const upgraded = upgradeOpset(model);
    expect(upgraded).toMatchObject({ irVersion: 8, opsets: { "": 17, "com.microsoft": 1 } });
    expect(nodeTexts(upgraded)).toEqual([
      "y/Flatten = Flatten(x)",
      "y/Softmax = Softmax(y/Flatten)",
      "y/Shape = Shape(x)",
      "y = Reshape(y/Softmax,y/Shape)",
    ]);
    expect(inferShapes(upgraded).get("y")?.dims).toEqual(["batch", 3, 4, 5]);
  });

  it("has the bounds of Clip in the type of what is clipped", () => {
    const model = modelFrom(
      10,
      (g) => g.add("Clip", ["x"], { min: { float: 0 }, max: { float: 6 } }, to("y")),
      "float16",
    );
    const upgraded = upgradeOpset(model);
    expect(nodeTexts(upgraded).at(-1)).toBe("y = Clip(x,y/CastLike,y/CastLike_1)");
    expect(inferShapes(upgraded).get("y/CastLike")?.dtype).toBe("float16");
  });

  it("is the same object where nothing is old", () => {
    for (const opset of [17, 18, 21]) {
      const model = modelFrom(opset, (g) => g.add("Relu", ["x"], {}, to("y")));
      expect(upgradeOpset(model)).toBe(model);
    }
  });

  it("is upgraded in its subgraphs, which know the values around them", () => {
    const branch = (opType: OperatorName): Attribute => {
      const inner = graphBuilder(opType);
      const last = inner.add(
        opType,
        ["around"],
        { axis: { int: 3 }, axes: { ints: [-1] } },
        to(`${opType} result`),
      );
      inner.output(last, "float32", undefined);
      return { graph: inner.build() };
    };
    const model = modelFrom(11, (g) => {
      g.add("Relu", ["x"], {}, to("around"));
      g.input("condition", "bool", []);
      g.add(
        "If",
        ["condition"],
        { then_branch: branch("ReduceSum"), else_branch: branch("Softmax") },
        to("y"),
      );
    });
    const { graph } = upgradeOpset(model);
    const [summed, softmax] = ["then_branch", "else_branch"].map((key) => {
      const found = graph.nodes.at(-1)!.attributes[key]!;
      return "graph" in found ? found.graph : undefined;
    });
    expect(summed!.nodes[0]!.inputs).toEqual(["around", "ReduceSum result/axes"]);
    // The last of four axes: what it was.
    expect(softmax!.nodes.map(({ opType }) => opType)).toEqual(["Softmax"]);
    expect(validateGraph(graph)).toEqual(graph);
  });
});

describe("what operator set 17 cannot express is refused by name", () => {
  const statistics = (g: GraphBuilder) =>
    [1, 0, 0, 1].map((value, k) =>
      g.initializer(`s${k}`, tensor("float32", [3], new Float32Array(3).fill(value))),
    );

  it.each<[string, number, (g: GraphBuilder) => void]>([
    ["uses operator set 6; export it with 7 or newer", 6, (g) => g.add("Relu", ["x"], {}, to("y"))],
    [
      'BatchNormalization "y" of operator set 9 has no counterpart in 17: it is in training mode, and its statistics are used',
      9,
      (g) => {
        g.addMany("BatchNormalization", ["x", ...statistics(g)], 3, {}, to("y", "mean", "variance"));
        g.add("Relu", ["variance"]);
      },
    ],
    [
      'BatchNormalization "y" of operator set 8 has no counterpart in 17: it normalizes every place by itself',
      8,
      (g) => g.add("BatchNormalization", ["x", ...statistics(g)], { spatial: 0 }, to("y")),
    ],
    [
      'Dropout "dropped" of operator set 11 has no counterpart in 17: its mask is used',
      11,
      (g) => {
        g.addMany("Dropout", ["x"], 2, {}, to("dropped", "mask"));
        g.add("Cast", ["mask"], { to: 1 }, to("y"));
      },
    ],
    [
      'Resize "y" of operator set 10 has no counterpart in 17: one axis becomes longer and another one shorter',
      10,
      (g) =>
        g.add(
          "Resize",
          ["x", g.constant(tensor("float32", [4], Float32Array.of(1, 1, 0.6, 2)))],
          {},
          to("y"),
        ),
    ],
    ['Scan "y" of operator set 8', 8, (g) => g.add("Scan", ["x"], {}, to("y"))],
  ])("%s", (message, opset, build) => {
    expect(() => upgradeOpset(modelFrom(opset, build))).toThrow(VoxplainError);
    expect(() => upgradeOpset(modelFrom(opset, build))).toThrow(message);
  });
});

it("takes time that grows with the number of branches, not with its square", () => {
  const branch = (name: string, opType: OperatorName, from: string): Attribute => {
    const graph = graphBuilder(name);
    graph.output(graph.add(opType, [from], {}, to(`${name}/y`)), "float32", undefined);
    return { graph: graph.build() };
  };
  const model = modelFrom(11, (g) => {
    const condition = g.input("condition", "bool", []);
    let value = "x";
    for (let k = 0; k < 6000; k++) {
      const branches = {
        then_branch: branch(`a${k}`, "Relu", value),
        else_branch: branch(`b${k}`, "Neg", value),
      };
      value = g.add("If", [condition], branches);
    }
    g.add("Identity", [value], {}, to("y"));
  });
  const before = process.cpuUsage();
  expect(upgradeOpset(model).graph.nodes).toHaveLength(6001);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(5);
});
