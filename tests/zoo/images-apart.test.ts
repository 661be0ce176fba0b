// Every exported network keeps the images of a batch apart; on the runtime, two together give what each gives alone.
import { type Tensor, tensor } from "@voxplain/core";
import { withFreeBatch, withoutDeadNodes } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { compareMaps } from "../../packages/saliency/tests/compare-maps.ts";
import { runOnnx } from "../direct-runtime.ts";
import { openZooModel, zooModels } from "./zoo-models.ts";

describe.each(zooModels.map((zoo) => [zoo.title, zoo] as const))("%s", (_, zoo) => {
  it("computes two images of a batch as each alone", async () => {
    const opened = await openZooModel(zoo);
    const outputs = [{ name: opened.output, dtype: "float32", dims: undefined }] as const;
    const graph = withoutDeadNodes({ ...opened.model.graph, outputs });
    const { model, obstacle } = withFreeBatch({ ...opened.model, graph });
    expect(obstacle).toBeUndefined();
    const dims = zoo.input.dims.slice(1);
    const first = zoo.input.data.slice(0, zoo.input.data.length / zoo.input.dims[0]!);
    // Brighter, and with its ends exchanged.
    const second = first.toReversed().map((value) => 1.5 * value + 0.25);
    const run = async (...images: Float32Array[]) => {
      const data = Float32Array.from(images.flatMap((image) => [...image]));
      const input: Tensor = tensor("float32", [images.length, ...dims], data);
      return (await runOnnx(model, { [opened.input]: input }))[opened.output]!.data as Float32Array;
    };
    const alone = [...(await run(first)), ...(await run(second))];
    // Kernels for one image and for two sum in another order.
    expect(compareMaps(await run(first, second), Float32Array.from(alone)).error).toBeLessThan(1e-5);
  });
});
