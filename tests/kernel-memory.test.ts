// Images and maps in memory that a session uses again: no map is read after a later pass has overwritten it.
import { createHash } from "node:crypto";
import {
  elementCount,
  type InferenceSession,
  type ModelArtifact,
  type RunOptions,
  type Tensor,
  tensor,
} from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import {
  differentiableModel,
  gradients,
  integratedGradients,
  occlusion,
  smoothGrad,
} from "@voxplain/saliency";
import { afterEach, describe, expect, it } from "vitest";
import { blockNetwork } from "./block-networks.ts";

/** Large enough, at 1.2 MB, for sessions to lend memory. */
const lengths = [64, 72, 64];
const dims = [1, 1, ...lengths];
const network = {
  model: blockNetwork({ image: lengths, channels: [1, 4, 6], batch: "batch" }),
  input: "x",
  logits: "logits",
  inputDims: dims.slice(1),
  classCount: 2,
};

const opened: InferenceSession[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.release()));
});

/** The gradient of the network as it is opened by a runtime. */
async function gradientArtifact(): Promise<ModelArtifact> {
  const found: ModelArtifact[] = [];
  const runtime = {
    ...nodeRuntime({ executionProvider: "cpu" }),
    createSession: async (model: ModelArtifact) => {
      found.push(model);
      throw new Error("it is not computed");
    },
  };
  const model = differentiableModel(network, runtime);
  await model.gradient(image(0), 1).catch(() => {});
  return found[0] as ModelArtifact;
}

async function open(threads = 2) {
  const session = await nodeRuntime({ executionProvider: "cpu", threads }).createSession(
    await gradientArtifact(),
  );
  opened.push(session);
  const [cotangent = ""] = session.inputNames.filter((name) => name !== "x");
  const [gradient = ""] = session.outputNames.filter((name) => name !== "logits");
  return {
    session,
    async map(x: Tensor<"float32">, options: RunOptions = {}) {
      const count = x.dims[0] ?? 1;
      const oneHot = tensor(
        "float32",
        [count, 2],
        Float32Array.from({ length: 2 * count }, (_, k) => k % 2),
      );
      const results = await session.run({ x, [cotangent]: oneHot }, options);
      return results[gradient] as Tensor<"float32">;
    },
  };
}

function image(seed: number, of: readonly number[] = dims): Tensor<"float32"> {
  const data = Float32Array.from({ length: elementCount(of) }, (_, k) => Math.sin(k * (1.7 + seed)) + 0.3);
  return tensor("float32", of, data);
}

const known = new Map<number, Float32Array>();
/** Bits of the maps of images, computed one by one on one thread. */
async function expectedMaps(seeds: readonly number[]): Promise<string[]> {
  const { map } = await open(1);
  for (const seed of seeds) if (!known.has(seed)) known.set(seed, (await map(image(seed))).data.slice());
  return seeds.map((seed) => bits(known.get(seed)));
}

/** Comparing a million numbers one by one takes seconds. */
const bits = (values: Float32Array = new Float32Array()) =>
  createHash("sha256").update(new Uint8Array(values.slice().buffer)).digest("hex");

const isShared = ({ data }: Tensor) => data.buffer instanceof SharedArrayBuffer;

describe.each([1, 2])("with %i threads, a session that lends its memory", (threads) => {
  it("gives maps of runs together that belong to the caller", async () => {
    const seeds = [0, 1, 2, 3, 4];
    const expected = await expectedMaps(seeds);
    const { map } = await open(threads);
    const together = await Promise.all(seeds.map((seed) => map(image(seed))));
    for (const seed of seeds) await map(image(seed + 10));
    expect(together.map(({ data }) => bits(data))).toEqual(expected);
    expect(together.map(isShared)).toEqual(seeds.map(() => false));
  });

  it("leaves a borrowed map as it is until it is given back, whatever is computed meanwhile", async () => {
    const [first, second] = await expectedMaps([0, 1]);
    const { map, session } = await open(threads);
    const borrowed = await map(image(0), { borrow: true });
    expect(isShared(borrowed)).toBe(true);
    const later = await Promise.all([1, 2, 1, 3, 1].map((seed) => map(image(seed), { borrow: true })));
    expect(bits(borrowed.data)).toEqual(first);
    expect(bits(later[0]?.data)).toEqual(second);
    expect(bits(later[2]?.data)).toEqual(second);
    expect(bits(later[4]?.data)).toEqual(second);
    // One place is always left for the next map, so that all but one are copies.
    expect(later.map(isShared)).toEqual([false, false, false, false, false]);
    session.giveBack?.(borrowed);
    const next = await map(image(1), { borrow: true });
    expect(isShared(next)).toBe(true);
    expect(bits(next.data)).toEqual(second);
  });

  it("computes what was written into borrowed memory, as often as wanted", async () => {
    const [first, second] = await expectedMaps([0, 1]);
    const { map, session } = await open(threads);
    const input = session.borrowInput?.("x");
    expect(input?.dims).toEqual(dims);
    input?.data.set(image(0).data);
    const x = input as Tensor<"float32">;
    const [a, other, b] = await Promise.all([map(x), map(image(1)), map(x)]);
    expect(bits(a.data)).toEqual(first);
    expect(bits(other.data)).toEqual(second);
    expect(bits(b.data)).toEqual(first);
    session.giveBack?.(x);
    await expect(map(x)).rejects.toThrow("the memory of the image was given back before the run");
    expect(bits((await map(image(1))).data)).toEqual(second);
  });

  it("lends no memory that somebody has, and computes all the same when all is lent", async () => {
    const [first] = await expectedMaps([0]);
    const { map, session } = await open(threads);
    const inputs = [1, 2].map(() => session.borrowInput?.("x"));
    expect(new Set(inputs.map((input) => input?.data.byteOffset)).size).toBe(2);
    expect(session.borrowInput?.("x")).toBeUndefined();
    expect(session.borrowInput?.("cotangent")).toBeUndefined();
    expect(bits((await map(image(0))).data)).toEqual(first);
    for (const input of inputs) if (input) session.giveBack?.(input);
    expect(session.borrowInput?.("x")).toBeDefined();
  });

  it("computes batches, too", async () => {
    const expected = await expectedMaps([0, 1, 2]);
    const { map } = await open(threads);
    const images = [0, 1, 2].map((seed) => image(seed).data);
    const data = new Float32Array(images.flatMap((values) => [...values]));
    const [batch, single] = await Promise.all([
      map(tensor("float32", [3, ...dims.slice(1)], data), { borrow: true }),
      map(image(1)),
    ]);
    const size = elementCount(dims);
    expect([0, 1, 2].map((row) => bits(batch.data.slice(row * size, (row + 1) * size)))).toEqual(expected);
    expect(bits(single.data)).toEqual(expected[1]);
  });

  it("goes on after a run that was cancelled or failed, and its memory is free again", async () => {
    const [first] = await expectedMaps([0]);
    const { map, session } = await open(threads);
    for (let round = 0; round < 3; round++) {
      const controller = new AbortController();
      const input = session.borrowInput?.("x") as Tensor<"float32">;
      input.data.set(image(5).data);
      const runs = [
        map(input, { signal: controller.signal, borrow: true }),
        map(image(0)),
        map(image(6), { signal: controller.signal, borrow: true }),
        map(tensor("float32", [1, 1, 2, 2, 2], new Float32Array(8))),
      ];
      controller.abort(new Error("no longer wanted"));
      session.giveBack?.(input);
      const [aborted, kept, late, wrong] = await Promise.allSettled(runs);
      expect([aborted?.status, late?.status]).toEqual(["rejected", "rejected"]);
      expect(wrong).toMatchObject({ status: "rejected", reason: { code: "computation-failed" } });
      expect(kept?.status === "fulfilled" && bits(kept.value.data)).toEqual(first);
    }
    const borrowed = await map(image(0), { borrow: true });
    expect(isShared(borrowed)).toBe(true);
    expect(bits(borrowed.data)).toEqual(first);
    const inputs = [1, 2].map(() => session.borrowInput?.("x"));
    expect(inputs.every((input) => input !== undefined)).toBe(true);
  });

  it("computes what was asked for before it is released", async () => {
    const expected = await expectedMaps([0, 1]);
    const { map, session } = await open(threads);
    const runs = [0, 1].map((seed) => map(image(seed), { borrow: true }));
    await session.release();
    expect((await Promise.all(runs)).map(({ data }) => bits(data))).toEqual(expected);
    await expect(map(image(0))).rejects.toThrow("ONNX Runtime could not compute");
  });
});

it("methods of many passes compute in it what they compute in memory of their own", async () => {
  const runtime = nodeRuntime({ executionProvider: "cpu", threads: 1 });
  let borrowed = 0;
  const counting = {
    ...runtime,
    createSession: async (artifact: ModelArtifact) => {
      const session = await runtime.createSession(artifact);
      const borrowInput = (name: string) => {
        const input = session.borrowInput?.(name);
        if (input) borrowed++;
        return input;
      };
      return { ...session, borrowInput };
    },
  };
  const without = {
    ...runtime,
    createSession: async (artifact: ModelArtifact) => {
      const { borrowInput: _, giveBack: __, ...session } = await runtime.createSession(artifact);
      return session;
    },
  };
  const methods = [
    // From another baseline than zero: from zero, sessions compute the image once for all steps.
    integratedGradients({ steps: 5, chunkSize: 1, baseline: 0.5 }),
    occlusion({ window: 40, stride: 40, chunkSize: 1 }),
    smoothGrad(gradients, { samples: 3, chunkSize: 1 }),
  ];
  // Forward passes of smaller images are left to ONNX Runtime.
  const large = [80, 80, 80];
  const model = blockNetwork({ image: large, channels: [1, 4, 6], batch: "batch" });
  const largeNetwork = { ...network, model, inputDims: [1, ...large] };
  const lending = differentiableModel(largeNetwork, counting);
  const own = differentiableModel(largeNetwork, without);
  const x = image(3, [1, 1, ...large]);
  try {
    for (const method of methods) {
      const before = borrowed;
      const results = [await method(lending, x, 1), await method(own, x, 1)] as const;
      expect(bits(results[0].map.data)).toBe(bits(results[1].map.data));
      expect(borrowed).toBeGreaterThan(before);
    }
  } finally {
    await Promise.all([lending.release(), own.release()]);
  }
});

it("many sessions compute at once", async () => {
  const [expected] = await expectedMaps([0]);
  const sessions = await Promise.all(Array.from({ length: 6 }, () => open(2)));
  const maps = await Promise.all(sessions.map(({ map }) => map(image(0))));
  for (const { data } of maps) expect(bits(data)).toEqual(expected);
});
