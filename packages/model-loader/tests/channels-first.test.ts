import { type Dim, graphBuilder, inferShapes, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { channelsFirst } from "../src/index.ts";

const turn = { perm: [0, 3, 1, 2] };

function fileOf(
  dims: readonly Dim[],
  build: (graph: ReturnType<typeof graphBuilder>, image: string) => string,
) {
  const graph = graphBuilder("network");
  const image = graph.input("image", "float32", dims);
  graph.output(build(graph, image), "float32", undefined);
  return { name: "network.onnx", opset: 17, model: modelOf(graph.build()) };
}

describe("channelsFirst", () => {
  it("turns the input of a network that puts its channels in front itself", () => {
    const file = fileOf(["batch", 5, 6, 3], (graph, image) => {
      const scaled = graph.add("Mul", [image, graph.scalar(2)]);
      const shifted = graph.add("Sub", [scaled, graph.scalar(1)]);
      return graph.add("Relu", [graph.add("Transpose", [shifted], turn)], {}, { outputs: ["y"] });
    });
    const { model } = channelsFirst(file);
    expect(model.graph.inputs).toEqual([{ name: "image", dtype: "float32", dims: ["batch", 3, 5, 6] }]);
    expect(model.graph.nodes[0]).toMatchObject({ opType: "Transpose", inputs: ["image"] });
    expect(model.graph.nodes[1]?.inputs[0]).toBe(model.graph.nodes[0]?.outputs[0]);
    expect(inferShapes(model).get("y")?.dims).toEqual(["batch", 3, 5, 6]);
  });

  it("turns volumes as well", () => {
    const file = fileOf(["batch", 5, 6, 7, 1], (graph, image) =>
      graph.add("Transpose", [image], { perm: [0, 4, 1, 2, 3] }),
    );
    expect(channelsFirst(file).model.graph.inputs[0]?.dims).toEqual(["batch", 1, 5, 6, 7]);
  });

  it.each<readonly [string, readonly Dim[], Parameters<typeof fileOf>[1]]>([
    ["with channels in front", ["n", 3, 5, 6], (graph, image) => graph.add("Relu", [image])],
    [
      "that turns it otherwise",
      ["n", 3, 5, 6],
      (graph, image) => graph.add("Transpose", [image], { perm: [0, 2, 3, 1] }),
    ],
    [
      "that needs it as it is elsewhere",
      ["n", 5, 6, 3],
      (graph, image) =>
        graph.add(
          "Concat",
          [graph.add("ReduceMax", [image]), graph.add("ReduceMax", [graph.add("Transpose", [image], turn)])],
          { axis: 0 },
        ),
    ],
    ["of vectors", ["n", 5, 3], (graph, image) => graph.add("Transpose", [image], { perm: [0, 2, 1] })],
  ])("leaves a network %s", (_, dims, build) => {
    const file = fileOf(dims, build);
    expect(channelsFirst(file)).toBe(file);
  });
});
