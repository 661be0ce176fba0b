import { tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { expect, it } from "vitest";
import { directRuntime } from "./direct-runtime.ts";

it("a zero of the padding wins over negative values in a max-pooling, as in PyTorch", async () => {
  const graph = graphBuilder("padded pooling");
  const x = graph.input("x", "float32", [1, 1, 3]);
  const padded = graph.add("Pad", [x, graph.int64([0, 0, 1, 0, 0, 0])], { mode: "constant" });
  graph.add("MaxPool", [padded], { kernel_shape: [2], strides: [2] }, { outputs: ["y"] });
  graph.output("y", "float32", [1, 1, 2]);
  const session = await directRuntime().createSession(await encodeModel(modelOf(graph.build())));
  // Windows {0, −1} and {−2, −3}.
  const { y } = await session.run({ x: tensor("float32", [1, 1, 3], Float32Array.of(-1, -2, -3)) });
  await session.release();
  expect(Array.from(y!.data, Number)).toEqual([0, -2]);
});
