// Images of a CAPS may be of several sizes, where the network takes any.
import { tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { explainCohort, openCohort, openModel, plan } from "@voxplain/study";
import { expect, it } from "vitest";
import { toyCaps, toyLabels, toyModel } from "./toy-study.ts";

/** The last logit is the mean of the image, times 6. */
async function networkOfAnySize(): Promise<Uint8Array> {
  const graph = graphBuilder("any-size");
  const x = graph.input("x", "float32", ["batch", 1, "x", "y", "z"]);
  const flat = graph.add("Flatten", [graph.add("GlobalAveragePool", [x])]);
  const w = graph.initializer("w", tensor("float32", [1, 2], Float32Array.of(0, 6)));
  graph.output(graph.add("MatMul", [flat, w], {}, { outputs: ["logits"] }), "float32", ["batch", 2]);
  return (await encodeModel(modelOf(graph.build()))).proto;
}

it("each size of image has a group, a network and maps of its own, in the order of the list", async () => {
  const folder = await toyModel();
  await folder.write("fold-0/models/best_balanced_accuracy/model_best.onnx", await networkOfAnySize());
  const sizes = [
    [4, 4, 2],
    [2, 4, 2],
    [2, 4, 2],
    [4, 4, 2],
  ] as const;
  const caps = await toyCaps(
    sizes.map((shape) => ({
      shape,
      values: Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, k) => k),
    })),
  );
  const cohort = await openCohort({ caps, labels: await toyLabels({ AD: [1, 2, 3, 4] }), diagnoses: ["AD"] });
  const planned = await plan(await openModel(folder), cohort, { target: 1, method: "gradients" });
  const [task] = planned.tasks;
  expect(task?.missing).toEqual([]);
  expect(task?.groups.map(({ inputDims, images }) => [inputDims, images.length])).toEqual([
    [[1, 4, 4, 2], 1],
    [[1, 2, 4, 2], 2],
    [[1, 4, 4, 2], 1],
  ]);
  const maps = [];
  for await (const { session, map } of explainCohort(planned, {
    runtime: nodeRuntime({ executionProvider: "cpu" }),
  })) {
    maps.push([session.name, map.dims, new Set(map.data)]);
  }
  const expected = sizes.map(([x, y, z], k) => [
    `sub-0${k + 1} ses-M00`,
    [1, x, y, z],
    new Set([Math.fround(6 / (x * y * z))]),
  ]);
  expect(maps).toEqual(expected);
});
