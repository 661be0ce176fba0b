import { type Graph, graphBuilder, type Node, validateGraph } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Node["attributes"] = {},
): Node => ({
  name: `the ${outputs[0]}`,
  opType,
  domain: "",
  inputs,
  outputs,
  attributes,
});

function graphOf(nodes: Node[], outputs = ["y"]): Graph {
  const builder = graphBuilder("graph");
  builder.input("x", "float32", ["batch", 3]);
  builder.initializer("w", { dtype: "float32", dims: [], data: Float32Array.of(2) });
  for (const each of nodes) builder.addNode(each);
  for (const name of outputs) builder.output(name, "float32", undefined);
  return builder.build();
}

const branch = (inputs: string[]): { graph: Graph } => ({
  graph: {
    name: "branch",
    nodes: [node("Add", inputs, ["inner"])],
    inputs: [],
    outputs: [{ name: "inner", dtype: "float32", dims: undefined }],
    initializers: new Map(),
    valueInfo: [],
  },
});

describe("a sound graph", () => {
  it("is given back as it is", () => {
    const graph = graphOf([node("Mul", ["x", "w"], ["a"]), node("Clip", ["a", "", "w"], ["y", ""])]);
    expect(validateGraph(graph)).toBe(graph);
  });

  it("gets its nodes in an order in which they can be computed", () => {
    const graph = graphOf([
      node("Add", ["b", "a"], ["y"]),
      node("Relu", ["a"], ["b"]),
      node("Mul", ["x", "w"], ["a"]),
      node("If", ["x"], ["z"], { then_branch: branch(["late", "x"]), else_branch: branch(["x", "w"]) }),
      node("Neg", ["x"], ["late"]),
    ]);
    const order = validateGraph(graph).nodes.map(({ outputs }) => outputs[0]);
    expect(order).toEqual(["a", "b", "y", "late", "z"]);
  });

  it("can be a long chain, written backwards", () => {
    const count = 20_000;
    const chain = Array.from({ length: count }, (_, k) =>
      node("Relu", [k === 0 ? "x" : `v${k}`], [`v${k + 1}`]),
    );
    const sorted = validateGraph(graphOf(chain.toReversed(), [`v${count}`])).nodes;
    expect(sorted).toEqual(chain);
  });
});

describe("an unsound graph", () => {
  const cases: [string, Graph, RegExp][] = [
    [
      "a value computed twice",
      graphOf([node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])]),
      /"y" is computed twice/,
    ],
    ["a weight that is computed", graphOf([node("Relu", ["x"], ["w"])], ["w"]), /"w" is computed/],
    [
      "a value that nothing computes",
      graphOf([node("Add", ["x", "nowhere"], ["y"])]),
      /Add "the y" needs the value "nowhere"/,
    ],
    [
      "a cycle",
      graphOf([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"])], ["b"]),
      /to compute itself/,
    ],
    ["a node that needs itself", graphOf([node("Add", ["x", "y"], ["y"])]), /to compute itself/],
    ["an output that nothing computes", graphOf([], ["nothing"]), /the output "nothing"/],
    [
      "a subgraph that uses what is nowhere",
      graphOf([node("If", ["x"], ["y"], { then_branch: branch(["nowhere"]) })]),
      /"nowhere"/,
    ],
  ];
  it.each(cases)("%s is refused", (_, graph, message) => {
    expect(() => validateGraph(graph)).toThrow(
      expect.objectContaining({ code: "invalid-file", message: expect.stringMatching(message) }),
    );
  });

  it("an input that is a weight too is refused", () => {
    const graph = graphOf([node("Relu", ["x"], ["y"])]);
    const twice = { ...graph, inputs: [...graph.inputs, { name: "w", dtype: "float32", dims: [] } as const] };
    expect(() => validateGraph(twice)).toThrow(/two inputs or weights have the name "w"/);
  });
});
