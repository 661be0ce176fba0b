import { tensor } from "@voxplain/core";
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

type Build = Parameters<typeof fileOf>[1];

const pooled: Build = (graph, image) => graph.add("GlobalAveragePool", [image]);
const turned = (perm: readonly number[]): Build => {
  return (graph, image) => pooled(graph, graph.add("Transpose", [image], { perm }));
};
const reshapedTo = (shape: readonly number[]): Build => {
  return (graph, image) => pooled(graph, graph.add("Reshape", [image, graph.int64(shape)]));
};

describe("channelsFirst", () => {
  it("turns the input of a network that puts its channels in front itself", () => {
    const file = fileOf(["batch", 5, 6, 3], (graph, image) => {
      const scaled = graph.add("Mul", [image, graph.scalar(2)]);
      const shifted = graph.add("Sub", [scaled, graph.scalar(1)]);
      const front = graph.add("Transpose", [shifted], turn);
      return graph.add("MaxPool", [front], { kernel_shape: [1, 1] }, { outputs: ["y"] });
    });
    const { model } = channelsFirst(file);
    expect(model.graph.inputs).toEqual([{ name: "image", dtype: "float32", dims: ["batch", 3, 5, 6] }]);
    expect(model.graph.nodes[0]).toMatchObject({ opType: "Transpose", inputs: ["image"] });
    expect(model.graph.nodes[1]?.inputs[0]).toBe(model.graph.nodes[0]?.outputs[0]);
    expect(inferShapes(model).get("y")?.dims).toEqual(["batch", 3, 5, 6]);
  });

  it.each<readonly [string, readonly Dim[], readonly Dim[], Build]>([
    ["volumes", ["n", 5, 6, 7, 2], ["n", 2, 5, 6, 7], turned([0, 4, 1, 2, 3])],
    ["images whose rows and columns are exchanged too", ["n", 5, 6, 3], ["n", 3, 5, 6], turned([0, 3, 2, 1])],
    ["one channel that a reshape puts in front", ["n", 5, 6, 1], ["n", 1, 5, 6], reshapedTo([-1, 1, 5, 6])],
    ["one channel of a batch of 1", [1, 5, 6, 1], [1, 1, 5, 6], reshapedTo([1, 1, 5, 6])],
    ["one channel of square images", ["n", 6, 6, 1], ["n", 1, 6, 6], reshapedTo([-1, 1, 6, 6])],
    ["one channel of volumes", ["n", 5, 6, 7, 1], ["n", 1, 5, 6, 7], reshapedTo([-1, 1, 5, 6, 7])],
    [
      "one channel that is taken out and put in",
      ["n", null, null, 1],
      ["n", 1, null, null],
      (graph, image) => {
        const squeezed = graph.add("Squeeze", [image, graph.int64([3])]);
        return pooled(graph, graph.add("Unsqueeze", [squeezed, graph.int64([1])]));
      },
    ],
    [
      "images in blue, green and red",
      ["n", null, null, 3],
      ["n", 3, null, null],
      (graph, image) => {
        const reversed = graph.add("Gather", [image, graph.int64([2, 1, 0])], { axis: 3 });
        return turned([0, 3, 1, 2])(graph, graph.add("Cast", [reversed], { to: 1 }));
      },
    ],
    [
      "images that are enlarged and padded before",
      ["n", 5, 6, 3],
      ["n", 3, 5, 6],
      (graph, image) => {
        const scales = graph.constant(tensor("float32", [4], Float32Array.of(1, 2, 2, 1)));
        const larger = graph.add("Resize", [image, "", scales]);
        const padded = graph.add("Pad", [larger, graph.int64([0, 1, 1, 0, 0, 1, 1, 0])]);
        return turned([0, 3, 1, 2])(graph, padded);
      },
    ],
    [
      "images that a skip connection needs as well",
      ["n", 5, 6, 3],
      ["n", 3, 5, 6],
      (graph, image) => {
        const mean = turned([0, 3, 1, 2])(graph, image);
        const back = graph.add("Transpose", [mean], { perm: [0, 2, 3, 1] });
        return graph.add("Sub", [image, back]);
      },
    ],
  ])("turns %s", (_, dims, expected, build) => {
    expect(channelsFirst(fileOf(dims, build)).model.graph.inputs[0]?.dims).toEqual(expected);
  });

  it.each<readonly [string, readonly Dim[], Build]>([
    ["with channels in front", ["n", 3, 5, 6], pooled],
    ["that exchanges rows and columns", ["n", 3, 5, 6], turned([0, 1, 3, 2])],
    [
      "whose convolution is at the end of a skip connection",
      ["n", 3, 5, 6],
      (graph, image) => pooled(graph, graph.add("Add", [image, graph.add("Relu", [image])])),
    ],
    ["of vectors", ["n", 5, 3], turned([0, 2, 1])],
    ["of one channel, long and narrow", ["n", 1, 30, 1], pooled],
    ["without any operator that shows it", ["n", 1, 5, 6], (graph, image) => graph.add("Flatten", [image])],
    [
      "that takes slices for images",
      ["n", 9, 5, 6],
      (graph, image) => pooled(graph, graph.add("Reshape", [image, graph.int64([-1, 1, 5, 6])])),
    ],
  ])("leaves a network %s", (_, dims, build) => {
    const file = fileOf(dims, build);
    expect(channelsFirst(file)).toBe(file);
  });

  it.each<readonly [string, readonly Dim[], Build, RegExp]>([
    [
      "no operator shows it",
      ["n", 28, 28, 1],
      (graph, image) => graph.add("Flatten", [image]),
      /whether the channels are its second or its last axis/,
    ],
    [
      "two operators contradict each other",
      ["n", 5, 6, 3],
      (graph, image) => {
        const parts = [pooled(graph, image), turned([0, 3, 1, 2])(graph, image)];
        return graph.add(
          "Concat",
          parts.map((part) => graph.add("Flatten", [part])),
          { axis: 1 },
        );
      },
      /whether the channels are its second or its last axis/,
    ],
    ["they stand in the middle", ["n", 5, 3, 6], turned([0, 2, 1, 3]), /the channels are on axis 2/],
  ])("refuses a network where %s", (_, dims, build, message) => {
    expect(() => channelsFirst(fileOf(dims, build))).toThrow(message);
  });
});
