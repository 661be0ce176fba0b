import { type ModelRuntime, memoryFiles } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { nodeRuntime } from "@voxplain/runtime-node";
import { expect, it } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { ExplorerEngine } from "../../src/engine/engine.ts";
import { onnxPath, partsPath } from "./open-sample.ts";

/** An engine that counts the sessions which hold memory. */
function counted(): { readonly engine: ExplorerEngine; readonly sessions: { open: number; most: number } } {
  const sessions = { open: 0, most: 0 };
  const engine = createEngine((): ModelRuntime => {
    const runtime = nodeRuntime({ executionProvider: "cpu", threads: 1 });
    return {
      ...runtime,
      async createSession(model) {
        const session = await runtime.createSession(model);
        sessions.open++;
        sessions.most = Math.max(sessions.most, sessions.open);
        return {
          ...session,
          release: async () => {
            sessions.open--;
            await session.release();
          },
        };
      },
    };
  });
  return { engine, sessions };
}

async function openVolume(engine: ExplorerEngine) {
  const source = directory(onnxPath);
  const files = memoryFiles(new Map(), "dropped");
  for (const name of ["volume.onnx", "volume.npy"]) {
    const reader = await source.open(name);
    await files.write(name, await reader!.read(0, reader!.byteLength));
  }
  await engine.open(files);
  return engine.images[0]!;
}

it("one method after the other holds four sessions at most, and releasing holds none", async () => {
  const { engine, sessions } = counted();
  const image = await openVolume(engine);
  const explain = (method: string) =>
    engine.explain(image, { network: undefined, method, options: {}, target: 1 });
  await engine.predict(image, {});
  for (const method of [
    "gradients",
    "lrp",
    "grad-cam",
    "guided-backpropagation",
    "gradients",
    "deconvolution",
  ]) {
    await explain(method);
    // The forward pass, the gradient, and what the method needs for itself: LRP a second one, which finds how much biases
    // keep, where the map misses the logit.
    expect(sessions.open).toBeLessThanOrEqual(method === "lrp" ? 4 : 3);
  }
  expect(sessions.most).toBeLessThanOrEqual(4);
  await engine.release();
  expect(sessions.open).toBe(0);
  expect((await explain("gradients")).map.shape).toEqual([8, 9, 7]);
  await engine.release();
});

it("another model, and another network of a multi-CNN model, take the place of the one before", async () => {
  const { engine, sessions } = counted();
  const image = await openVolume(engine);
  await engine.predict(image, {});
  expect(sessions.open).toBe(1);
  await engine.open(directory(`${partsPath}/models/patch-multicnn`));
  expect(sessions.open).toBe(0);
  await engine.open(directory(`${partsPath}/caps`));
  sessions.most = 0;
  const ofCaps = engine.images.find(({ id }) => id.startsWith("caps:"))!;
  await engine.explain(ofCaps, { network: undefined, method: "gradients", options: {}, target: 1 });
  expect(sessions.most).toBe(1);
  await engine.release();
  expect(sessions.open).toBe(0);
});

it("a network whose computation fails is opened anew for the next image", async () => {
  let fails = true;
  const engine = createEngine(() => {
    const runtime = nodeRuntime({ executionProvider: "cpu", threads: 1 });
    const createSession: ModelRuntime["createSession"] = async (model) => {
      if (fails) throw new Error("out of memory");
      return runtime.createSession(model);
    };
    return { ...runtime, createSession };
  });
  const image = await openVolume(engine);
  await expect(engine.predict(image, {})).rejects.toThrow("out of memory");
  fails = false;
  expect((await engine.predict(image, {})).probabilities).toHaveLength(3);
  await engine.release();
});
