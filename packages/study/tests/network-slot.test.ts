import type { ModelRuntime } from "@voxplain/core";
import { encodeNpy, memoryFiles, tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { createMethod } from "@voxplain/saliency";
import { explainCohort, networkSlot, openCohort, openModel, plan, type Request } from "@voxplain/study";
import { expect, it } from "vitest";

const files = memoryFiles();

/** Two classes at every position, and a layer in between. */
async function segmentation() {
  const graph = graphBuilder("toy");
  const image = graph.input("image", "float32", ["n", 1, 2, 2, 2]);
  const layer = graph.add("Relu", [image], {}, { outputs: ["layer"] });
  const output = graph.add(
    "Concat",
    [layer, graph.add("Neg", [layer])],
    { axis: 1 },
    { outputs: ["logits"] },
  );
  graph.output(output, "float32", ["n", 2, 2, 2, 2]);
  await files.write("net.onnx", (await encodeModel(modelOf(graph.build()))).proto);
  await files.write(
    "x.npy",
    encodeNpy(tensor("float32", [2, 2, 2], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8))),
  );
  const cohort = await openCohort({ images: [{ source: files, below: "x.npy" }] });
  return { model: await openModel({ source: files, below: "net.onnx" }), cohort };
}

/** Explains one request after another; gives the number of sessions that each opened, and of those that are open then. */
async function sessionsOf(requests: readonly Request[]) {
  const runtime = nodeRuntime({ executionProvider: "cpu" });
  let [opened, open] = [0, 0];
  const counting: ModelRuntime = {
    ...runtime,
    async createSession(...given) {
      opened++;
      open++;
      const session = await runtime.createSession(...given);
      return {
        ...session,
        release: async () => {
          open--;
          await session.release();
        },
      };
    },
  };
  const { model, cohort } = await segmentation();
  const slot = networkSlot(counting);
  const counts: { readonly opened: number; readonly open: number }[] = [];
  for (const request of requests) {
    const before = opened;
    for await (const _ of explainCohort(await plan(model, cohort, request), { runtime: slot }));
    counts.push({ opened: opened - before, open });
  }
  await slot.release();
  expect(open).toBe(0);
  return counts;
}

it("keeps the network open for the same voxel and the same mask, whichever object holds them", async () => {
  const voxel = () => ({ target: 0, region: { voxel: [1, 0, 1] } });
  const inside = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1);
  const mask = (values = inside) => ({
    ...{ target: 0 },
    region: {
      mask: { name: "m", dims: [2, 2, 2], inside: values.slice(), grid: { name: "m", warnings: [] } },
    },
  });
  const other = mask(inside.map((value) => 1 - value));
  const counts = await sessionsOf([voxel(), voxel(), mask(), mask(), other, { target: 0 }]);
  expect(counts.map(({ opened }) => opened)).toEqual([1, 0, 1, 0, 1, 1]);
});

it("closes the sessions of a method that took gradients at a layer, for another method alone", async () => {
  const method = await createMethod("grad-cam", { layer: "layer" }, {});
  const gradCam = { target: 0, method };
  const counts = await sessionsOf([gradCam, gradCam, { target: 0 }, { target: 0 }]);
  expect(counts).toEqual([
    { opened: 1, open: 1 },
    { opened: 0, open: 1 },
    { opened: 1, open: 1 },
    { opened: 0, open: 1 },
  ]);
});
