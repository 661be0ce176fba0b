import { tensor } from "@voxplain/core";
import { type Dim, type GraphBuilder, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { channelsFirst, onnxNetwork } from "../src/index.ts";

const toFront = { perm: [0, 3, 1, 2] };
const toBack = { perm: [0, 2, 3, 1] };

type Build = (graph: GraphBuilder, image: string) => string;

const weights = (graph: GraphBuilder, name: string, ...dims: number[]) => {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return graph.initializer(name, tensor("float32", dims, new Float32Array(length).fill(0.5)));
};

function networkOf(dims: readonly Dim[], inputDims: readonly number[], build: Build) {
  const graph = graphBuilder("network");
  graph.output(build(graph, graph.input("image", "float32", dims)), "float32", undefined);
  const file = channelsFirst({ name: "network.onnx", opset: 17, model: modelOf(graph.build()) });
  return onnxNetwork(file, { inputDims, region: "grid" });
}

/** Of [batch, 12, 10, 2], three classes at every position. */
const segmented: Build = (graph, image) =>
  graph.add(
    "Conv",
    [graph.add("Transpose", [image], toFront), weights(graph, "w", 3, 2, 1, 1)],
    {},
    {
      outputs: ["scores"],
    },
  );

const classes = (build: Build) => {
  const { classCount, meanOver, model, logits } = networkOf(["batch", 12, 10, 2], [2, 12, 10], build);
  return {
    classCount,
    meanOver,
    softmax: model.graph.nodes.some(({ opType }) => opType === "Softmax"),
    logits,
  };
};

describe("the classes of an output of a class for every voxel", () => {
  it.each<readonly [string, Build]>([
    ["stand behind the batch", segmented],
    ["stand last", (graph, image) => graph.add("Transpose", [segmented(graph, image)], toBack)],
    [
      "stand last, behind a softmax",
      (graph, image) =>
        graph.add("Transpose", [graph.add("Softmax", [segmented(graph, image)], { axis: 1 })], toBack),
    ],
    [
      "stand last, in a softmax",
      (graph, image) =>
        graph.add("Softmax", [graph.add("Transpose", [segmented(graph, image)], toBack)], { axis: -1 }),
    ],
    [
      "are made by a matrix product of the channels of each voxel",
      (graph, image) => {
        const last = graph.add("Transpose", [segmented(graph, image)], toBack);
        return graph.add("MatMul", [graph.add("Relu", [last]), weights(graph, "dense", 3, 3)]);
      },
    ],
    [
      "are resized and normalized before they are put last",
      (graph, image) => {
        const scales = graph.constant(tensor("float32", [4], Float32Array.of(1, 1, 1, 1)));
        const resized = graph.add("Resize", [segmented(graph, image), "", scales]);
        const last = graph.add("Transpose", [resized], toBack);
        return graph.add("Add", [last, graph.constant(tensor("float32", [3], Float32Array.of(1, 2, 3)))]);
      },
    ],
  ])("are found where they %s", (_, build) => {
    expect(classes(build)).toMatchObject({ classCount: 3, meanOver: [12, 10], softmax: false });
  });

  it("are found where a reshape puts the only one last", () => {
    const { classCount, meanOver } = networkOf(["batch", 12, 10, 1], [1, 12, 10], (graph, image) => {
      const front = graph.add("Reshape", [image, graph.int64([-1, 1, 12, 10])]);
      const scores = graph.add("Conv", [front, weights(graph, "w", 1, 1, 1, 1)]);
      return graph.add("Sigmoid", [graph.add("Reshape", [scores, graph.int64([-1, 12, 10, 1])])]);
    });
    // One sigmoid is the probability of one of two classes.
    expect({ classCount, meanOver }).toEqual({ classCount: 2, meanOver: [12, 10] });
  });

  it.each([[[10, 1]], [[1, 1]]])(
    "are found in images of %j, whose axes of length 1 a reshape moves",
    ([rows = 0, columns = 0]) => {
      const input = [1, rows, columns];
      const { classCount, meanOver = [1, 1] } = networkOf([1, rows, columns, 1], input, (graph, image) => {
        const front = graph.add("Reshape", [image, graph.int64([1, ...input])]);
        const scores = graph.add("Conv", [front, weights(graph, "w", 1, 1, 1, 1)]);
        return graph.add("Sigmoid", [graph.add("Reshape", [scores, graph.int64([1, rows, columns, 1])])]);
      });
      expect({ classCount, meanOver }).toEqual({ classCount: 2, meanOver: [rows, columns] });
    },
  );

  it("are found where the axis of the only one is taken out and put in again", () => {
    const { classCount, meanOver } = networkOf(["batch", 12, 10, 1], [1, 12, 10], (graph, image) => {
      const front = graph.add("Reshape", [image, graph.int64([-1, 1, 12, 10])]);
      const scores = graph.add("Conv", [front, weights(graph, "w", 1, 1, 1, 1)]);
      const squeezed = graph.add("Squeeze", [graph.add("Sigmoid", [scores]), graph.int64([1])]);
      return graph.add("Unsqueeze", [squeezed, graph.int64([3])]);
    });
    expect({ classCount, meanOver }).toEqual({ classCount: 2, meanOver: [12, 10] });
  });

  it("are found in volumes", () => {
    const { classCount, meanOver } = networkOf(["n", null, null, null, 2], [2, 4, 5, 6], (graph, image) => {
      const front = graph.add("Transpose", [image], { perm: [0, 4, 1, 2, 3] });
      const scores = graph.add("Conv", [front, weights(graph, "w", 3, 2, 1, 1, 1)]);
      return graph.add("Transpose", [graph.add("Softmax", [scores], { axis: 1 })], { perm: [0, 2, 3, 4, 1] });
    });
    expect({ classCount, meanOver }).toEqual({ classCount: 3, meanOver: [4, 5, 6] });
  });

  it("keep a softmax over positions, which makes no probabilities of classes", () => {
    const build: Build = (graph, image) => graph.add("Softmax", [segmented(graph, image)], { axis: 3 });
    expect(classes(build)).toMatchObject({ classCount: 3, softmax: true });
  });

  it("are refused where the graph does not show where they stand", () => {
    const build: Build = (graph, image) =>
      graph.add("Reshape", [graph.add("Flatten", [segmented(graph, image)]), graph.int64([-1, 12, 3, 10])]);
    expect(() => classes(build)).toThrow(/does not show which axis of the output .* holds the classes/);
  });
});
