import { tensor } from "@voxplain/core";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { uniform } from "../../../tests/random.ts";
import { steadySums } from "../src/steady-sums.ts";
import { runModel } from "./run-model.ts";

/** As networks that segment have it at their end, once their logits are the mean over space. */
function meanOverSpace(lengths: readonly (number | string)[], opset: number): Model {
  const graph = graphBuilder("mean");
  const x = graph.input("x", "float32", ["n", 1, ...lengths]);
  const mean = graph.add("GlobalAveragePool", [x]);
  graph.output(graph.add("Flatten", [mean], {}, { outputs: ["y"] }), "float32", ["n", 1]);
  return modelOf(graph.build(), { opsets: { "": opset } });
}

/** Voxels around 1, a few of which are then hidden. */
function volumeOf(edge: number) {
  const random = uniform(5);
  const whole = Float32Array.from({ length: edge ** 3 }, () => 0.5 + random());
  const hidden = whole.slice();
  const window = Math.max(4, edge / 32);
  for (let x = 0; x < window; x++) {
    for (let y = 0; y < window; y++) hidden.fill(0, (x * edge + y) * edge, (x * edge + y) * edge + window);
  }
  return { whole, hidden };
}

const meanOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function computed(model: Model, edge: number, values: Float32Array): Promise<number> {
  const { y } = await runModel(model, { x: tensor("float32", [1, 1, edge, edge, edge], values) });
  return y!.data[0] as number;
}

describe("the mean over a volume", () => {
  it.each([
    [64, 17, ["x", "y", "z"]],
    [64, 18, [64, 64, 64]],
    [256, 17, [256, 256, 256]],
  ] as const)(
    "of %d³ voxels is that in float64 but for the rounding to float32 (operator set %d, %j)",
    async (edge, opset, lengths) => {
      const { whole, hidden } = volumeOf(edge);
      const model = steadySums(meanOverSpace(lengths, opset));
      expect(model.graph.nodes.map(({ opType }) => opType)).not.toContain("GlobalAveragePool");
      const [found, wanted] = [await computed(model, edge, whole), meanOf(whole)];
      // Four units in the last place of a float32 near 1; one number of float32 would be 3e-6 and 3e-5 off.
      expect(Math.abs(found - wanted) / wanted).toBeLessThan(2 ** -22);
      const drop = found - (await computed(model, edge, hidden));
      const exact = wanted - meanOf(hidden);
      expect(Math.abs(drop - exact)).toBeLessThan(2 ** -22);
    },
  );
});
