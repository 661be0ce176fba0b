// Every architecture from end to end: state dict to graph, gradient graph, the lowering for the CPU, ONNX Runtime.
import { buildNetwork } from "@voxplain/model-loader";
import { differentiableModel } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { networkFixture, networkNames, sampled } from "../packages/model-loader/tests/network-fixtures.ts";
import { compareMaps } from "../packages/saliency/tests/compare-maps.ts";
import { directRuntime } from "./direct-runtime.ts";

describe.each(networkNames)("%s", (name) => {
  it("gives the input gradient that PyTorch gives in float64, ties included", async () => {
    const { settings, stateDict, inputDims, input, target, regions, ...frozen } = networkFixture(name);
    const model = differentiableModel(buildNetwork(settings, stateDict, inputDims), directRuntime());
    const { gradient, logits } = await model.gradient(input(), target);
    await model.release();
    expect(compareMaps(logits.data, frozen.logits.slice(0, logits.data.length)).error).toBeLessThan(5e-6);
    expect(gradient.dims).toEqual([1, ...inputDims]);
    for (const region of regions) {
      const { error, flipped } = compareMaps(sampled(gradient.data, inputDims, region), region.samples);
      // Without another decision of a ReLU or a maximum the error is that of float32 sums (1.4e-6 in PyTorch's where ELU
      // follows ELU). With one, as PyTorch's float32 takes in two of these networks, it is as large as what that unit
      // contributes.
      const ownError = Math.max(1e-6, frozen.pytorchFloat32.gradient);
      if (flipped === 0) expect(error).toBeLessThan(ownError);
      else expect(error, `${flipped} samples of ${region.samples.length}`).toBeLessThan(5e-3);
      expect(flipped / region.samples.length).toBeLessThan(1e-3);
    }
    const l2 = Math.sqrt(gradient.data.reduce((sum, value) => sum + value * value, 0));
    expect(Math.abs(l2 / regions[0]!.l2 - 1)).toBeLessThan(1e-5);
  });
});
