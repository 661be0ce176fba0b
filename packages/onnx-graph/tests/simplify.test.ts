import { tensor } from "@voxplain/core";
import { graphBuilder, simplify, withoutDeadNodes } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

const flag = (value: number) => tensor("bool", [], Uint8Array.of(value));

describe("simplify", () => {
  it("leaves out copies and dropout between nodes, and what no output needs", () => {
    const builder = graphBuilder("net");
    const x = builder.input("x", "float32", [3]);
    const copy = builder.add("Identity", [builder.add("Identity", [x])]);
    const dropped = builder.add("Dropout", [copy, builder.scalar(0.5), builder.constant(flag(0))]);
    // As torchvision's Swin has it: always training, of a ratio of zero.
    const idle = builder.add("Dropout", [dropped, builder.scalar(0), builder.constant(flag(1))]);
    builder.add("Relu", [builder.add("Neg", [idle])]);
    builder.output(builder.add("Exp", [idle], {}, { outputs: ["y"] }), "float32", [3]);
    const { nodes, initializers, inputs } = simplify(builder.build());
    expect(nodes.map(({ opType, inputs: from, outputs }) => [opType, from, outputs])).toEqual([
      ["Exp", ["x"], ["y"]],
    ]);
    expect(initializers.size).toBe(0);
    expect(inputs.map(({ name }) => name)).toEqual(["x"]);
  });

  it("keeps a copy that names an output", () => {
    const builder = graphBuilder("net");
    const x = builder.input("x", "float32", [3]);
    builder.output(builder.add("Identity", [x], {}, { outputs: ["y"] }), "float32", [3]);
    expect(simplify(builder.build()).nodes).toHaveLength(1);
  });

  it("keeps dropout that is training, may be, or whose mask is used", () => {
    const builder = graphBuilder("net");
    const x = builder.input("x", "float32", [3]);
    const isTraining = builder.input("training", "bool", []);
    const ratio = builder.scalar(0.5);
    const [masked, mask] = builder.addMany("Dropout", [x], 2) as [string, string];
    const trained = builder.add("Dropout", [masked, ratio, builder.constant(flag(1))]);
    const perhaps = builder.add("Dropout", [trained, ratio, isTraining]);
    builder.output(builder.add("Where", [mask, perhaps, x]), "float32", [3]);
    const graph = builder.build();
    expect(simplify(graph).nodes).toEqual(graph.nodes);
  });

  it("keeps what only a subgraph uses", () => {
    const inner = graphBuilder("branch");
    inner.addNode({
      name: "inner",
      opType: "Neg",
      domain: "",
      inputs: ["copy"],
      outputs: ["z"],
      attributes: {},
    });
    inner.output("z", "float32", [3]);
    const branch = { graph: inner.build() };
    const builder = graphBuilder("net");
    const x = builder.input("x", "float32", [3]);
    const condition = builder.input("condition", "bool", []);
    builder.add("Identity", [x], {}, { outputs: ["copy"] });
    builder.output(
      builder.add("If", [condition], { then_branch: branch, else_branch: branch }),
      "float32",
      [3],
    );
    expect(simplify(builder.build()).nodes.map(({ opType }) => opType)).toEqual(["Identity", "If"]);
  });
});

it("withoutDeadNodes keeps shapes and weights of what is left", () => {
  const builder = graphBuilder("net");
  const x = builder.input("x", "float32", [3]);
  const used = builder.add("Mul", [x, builder.scalar(2)], {}, { outputs: ["used"] });
  builder.add("Mul", [x, builder.scalar(3)], {}, { outputs: ["unused"] });
  builder.output(used, "float32", [3]);
  const graph = builder.build();
  const valueInfo = ["used", "unused"].map((name) => ({ name, dtype: "float32", dims: [3] }) as const);
  const left = withoutDeadNodes({ ...graph, valueInfo });
  expect(left.nodes.map(({ outputs }) => outputs[0])).toEqual(["used"]);
  expect([...left.initializers.keys()]).toEqual(["const_2"]);
  expect(left.valueInfo).toEqual([valueInfo[0]]);
});
