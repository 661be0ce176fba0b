import { encodeModel, inferShapes } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { buildNetwork } from "../src/index.ts";
import { networkFixture, networkNames } from "./network-fixtures.ts";
import { spread, streamSeed } from "./portable-random.ts";

describe("the portable generator", () => {
  it("draws what portable_random.py draws", () => {
    expect(streamSeed("conv5_fc3/0/input")).toBe(2464591077);
    expect([...spread("conv5_fc3/0/input", 3, 0.5, 0.5)]).toEqual([
      0.8457782864570618, 0.4751073718070984, 0.8874105215072632,
    ]);
    expect([...spread("a", 2, 1, 0.25, 1_000_000)]).toEqual([1.0225703716278076, 1.0768373012542725]);
  });
});

describe.each(networkNames)("%s", (name) => {
  const fixture = networkFixture(name);
  const { settings, stateDict, inputDims } = fixture;

  it("has a graph whose inferred shapes are those the layers were built with", () => {
    const { model, logits, input, classCount } = buildNetwork(settings, stateDict, inputDims);
    expect(model.graph.inputs).toEqual([{ name: input, dtype: "float32", dims: ["batch", ...inputDims] }]);
    expect(inferShapes(model).get(logits)?.dims).toEqual(["batch", classCount]);
  });

  // ONNX Runtime adds the 299,376 voxels of a channel in one row, which is off by 4e-4: of this network the logits are compared
  // in the form of the lowering alone, in tests/architectures.test.ts of the workspace.
  if (name === "maps_squeeze_excitation") return;
  it("gives the logits that PyTorch gives in float64", async () => {
    const network = buildNetwork(settings, stateDict, inputDims);
    // Regional intensities of an atlas are no classes.
    const count = settings.predictAtlasIntensities === undefined ? fixture.logits.length : 2;
    expect(network.classCount).toBe(count);
    const session = await directRuntime().createSession(await encodeModel(network.model));
    try {
      const results = await session.run({ [network.input]: fixture.input() });
      const logits = results[network.logits];
      expect(logits?.dims).toEqual([1, count]);
      // The graph as it is built, without what runtimes make of it: ONNX Runtime adds the up to 32,256 products of a
      // linear layer in one row, which is off by 1e-6 for one layer alone (PyTorch's float32: 1e-7 to 1e-6 in all).
      expect(
        relativeError(Array.from(logits?.data ?? [], Number), fixture.logits.slice(0, count)),
      ).toBeLessThan(4e-6);
    } finally {
      await session.release();
    }
  });
});

function relativeError(found: readonly number[], exact: readonly number[]): number {
  const square = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(square(exact.map((value, k) => value - found[k]!)) / square(exact));
}
