import type { DType } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { type GraphBuilder, graphBuilder, inferShapes, modelOf, withFloat32Inputs } from "../src/index.ts";

const float32 = { to: 1 };

function operatorsOf(dtype: DType, build: (graph: GraphBuilder, input: string) => string) {
  const graph = graphBuilder("bytes");
  const input = graph.input("x", dtype, ["n", 4, 5, 3]);
  graph.output(graph.add("Neg", [build(graph, input)], {}, { outputs: ["y"] }), "float32", undefined);
  const model = withFloat32Inputs(modelOf(graph.build()));
  expect(inferShapes(model).get("y")?.dtype).toBe("float32");
  return { dtype: model.graph.inputs[0]?.dtype, operators: model.graph.nodes.map(({ opType }) => opType) };
}

describe("an input of integers", () => {
  it("becomes float32 where it is cast before anything else", () => {
    expect(operatorsOf("uint8", (graph, x) => graph.add("Cast", [x], float32))).toEqual({
      dtype: "float32",
      operators: ["Identity", "Neg"],
    });
  });

  it("becomes float32 where it is only moved until it is cast", () => {
    const { operators } = operatorsOf("uint8", (graph, x) => {
      const front = graph.add("Transpose", [x], { perm: [0, 3, 1, 2] });
      const flat = graph.add("Reshape", [front, graph.int64([-1, 60])]);
      return graph.add("Cast", [flat], float32);
    });
    expect(operators).toEqual(["Transpose", "Reshape", "Identity", "Neg"]);
  });

  it("is rounded to what the network computes with where it computes with integers", () => {
    const { dtype, operators } = operatorsOf("int8", (graph, x) =>
      graph.add("Cast", [graph.add("Abs", [x])], float32),
    );
    expect(dtype).toBe("float32");
    expect(operators).toEqual(["Round", "Clip", "Cast", "Abs", "Cast", "Neg"]);
  });
});
