import { memoryFiles } from "@voxplain/core";
import { type Dim, encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { openImageNetwork } from "../src/index.ts";

async function opened(dims: readonly Dim[] | undefined, metadata: Readonly<Record<string, string>> = {}) {
  const graph = graphBuilder("mean");
  const input = graph.input("image", "float32", dims ?? ["n"]);
  const flat = graph.add("Flatten", [input]);
  graph.output(graph.add("ReduceMean", [flat], { axes: [1] }, { outputs: ["y"] }), "float32", ["n", 1]);
  const built = graph.build();
  const inputs = built.inputs.map((info) => ({ ...info, dims }));
  const { proto } = await encodeModel({ ...modelOf({ ...built, inputs }), metadata });
  return openImageNetwork(memoryFiles(new Map([["net.onnx", proto]])), "net.onnx");
}

describe("an ONNX file that is opened for images", () => {
  it("states the lengths of one image, null where they are open", async () => {
    const { lengths, channelsLast, storedType } = await opened(["n", 1, 8, "y", 7]);
    expect({ lengths, channelsLast, storedType }).toEqual({
      lengths: [1, 8, null, 7],
      channelsLast: false,
      storedType: "float32",
    });
  });

  it("is taken for a network of volumes where it does not state its rank", async () => {
    expect((await opened(undefined)).lengths).toEqual([null, null, null, null]);
  });

  it("is refused where it takes something else", async () => {
    await expect(opened(["n", 12])).rejects.toThrow(
      "memory/net.onnx: the network does not take images: " +
        "expected an input of [batch, C, H, W] or [batch, C, X, Y, Z], found [n, 12]",
    );
  });

  it("names its preprocessing where its metadata do", async () => {
    const stated = await opened(["n", 1, 8, 9], { "voxplain.preprocess": " resize=8,9  z-score\n" });
    expect(stated.preprocessing).toEqual(["resize=8,9", "z-score"]);
    expect((await opened(["n", 1, 8, 9], { author: "me" })).preprocessing).toBeUndefined();
  });

  it("gives a network for images of one shape", async () => {
    const file = await opened(["n", 1, null, null]);
    expect(file.network({ inputDims: [1, 4, 5] }).inputDims).toEqual([1, 4, 5]);
    expect(() => file.network({ inputDims: [2, 4, 5] })).toThrow(
      "wrong size of the input: expected 1×?×?, found 2×4×5",
    );
  });
});
