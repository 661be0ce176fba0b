import { type Lowering, tensor } from "@voxplain/core";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { lower } from "../src/lower.ts";
import { runModel } from "./run-model.ts";

const floats = (...values: number[]) => tensor("float32", [values.length], Float32Array.from(values));

/** Conv with weights 1 and −1, then BatchNormalization in training mode: scale 2, shift 1, and running statistics that are far off. */
function network(opset: number, outputs: readonly string[] = []): Model {
  const graph = graphBuilder("training");
  graph.input("x", "float32", ["n", 1, 1, 2, 2]);
  const weight = graph.constant(tensor("float32", [2, 1, 1, 1, 1], Float32Array.of(1, -1)));
  const settings = [floats(2, 2), floats(1, 1), floats(100, 200), floats(9, 16)].map(graph.constant);
  const conv = graph.add("Conv", ["x", weight]);
  const names = graph.addMany("BatchNormalization", [conv, ...settings], 3, {
    training_mode: 1,
    epsilon: { float: 4 },
  });
  graph.add("Relu", [names[0]!], {}, { outputs: ["y"] });
  graph.output("y", "float32", undefined);
  for (const name of outputs) graph.output(names[Number(name)]!, "float32", undefined);
  return modelOf(graph.build(), { opsets: { "": opset } });
}

const lowerings: readonly Lowering[] = [
  { poolingGradient: "indices", convolution3d: "blocked" },
  { poolingGradient: "windows", convolution3d: "direct" },
];

describe("BatchNormalization in training mode", () => {
  it.each([15, 17, 18].flatMap((opset) => lowerings.map((lowering) => [opset, lowering] as const)))(
    "has the statistics of the batch that is fed, in operator set %d with %j",
    async (opset, lowering) => {
      const x = tensor("float32", [1, 1, 1, 2, 2], Float32Array.of(1, 3, 5, 7));
      const { y } = await runModel(lower(network(opset), lowering), { x });
      // Mean ±4, variance 5, and 5 + ε = 9: 1 + 2 · (±(x − 4)) / 3.
      const expected = [-1, 1 / 3, 5 / 3, 3, 3, 5 / 3, 1 / 3, -1].map((value) => Math.max(0, value));
      expect(y!.dims).toEqual([1, 2, 1, 2, 2]);
      for (const [k, value] of expected.entries()) expect(Number(y!.data[k])).toBeCloseTo(value, 6);
    },
  );

  it("is refused where its running statistics are used", () => {
    expect(() => lower(network(17, ["1"]), lowerings[0]!)).toThrow(
      'BatchNormalization "BatchNormalization": it is in training mode, and its running statistics are used',
    );
  });
});
