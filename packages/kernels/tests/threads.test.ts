import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { compileKernels } from "../scripts/compile.mjs";
import { type BlockKernels, blockKernels, type KernelHelp } from "../src/index.ts";
import { recordBytes } from "../src/record.ts";
import { compileModule, instantiate } from "../src/wasm-module.js";
import { fill, head, randomBlock, randomNumbers } from "./examples.ts";

const workers: Worker[] = [];
const open: BlockKernels[] = [];
afterEach(async () => {
  for (const kernels of open.splice(0)) kernels.release();
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});
const startHelper = (help: KernelHelp) => {
  workers.push(new Worker(new URL("./helper.js", import.meta.url), { workerData: help }));
};

const dims = [21, 26, 35];
const results = (threads: number) => {
  const random = randomNumbers(5);
  const first = randomBlock(dims, random, { outputs: 8 });
  const second = randomBlock([11, 13, 18], random, { channels: 8, outputs: 16 });
  const third = randomBlock([6, 7, 9], random, {
    channels: 16,
    outputs: 5,
    pooling: "overlapping",
    slope: 0.1,
  });
  const kernels = blockKernels([first, second, third], dims, { threads, startHelper });
  open.push(kernels);
  kernels.input.set(head(dims, 1, random));
  kernels.cutGradient.set(fill(kernels.cutGradient.length, () => 2 * random() - 1));
  return kernels;
};

describe("kernels on several threads", () => {
  it.each([2, 3, 4])("give the same bits with %i threads as with one", async (threads) => {
    const alone = results(1);
    alone.forward();
    alone.backward();
    const shared = results(threads);
    // Before the helpers have started, while they do, and with them.
    const started = Promise.all(workers.map((worker) => once(worker, "message")));
    for (let round = 0; round < 30; round++) {
      if (round === 10) await started;
      shared.gradient.fill(Number.NaN);
      shared.forward();
      shared.backward();
      expect(Buffer.compare(bytes(shared.cut), bytes(alone.cut))).toBe(0);
      expect(Buffer.compare(bytes(shared.gradient), bytes(alone.gradient))).toBe(0);
    }
  });

  it("compute alone where nobody starts helpers", () => {
    const kernels = blockKernels([randomBlock(dims, randomNumbers(1), {})], dims, { threads: 4 });
    expect(kernels.input.buffer).toBeInstanceOf(ArrayBuffer);
  });
});

const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

describe("the compiled module", () => {
  it("is that of assembly/", async () => {
    const committed = await readFile(new URL("../src/wasm-bytes.js", import.meta.url), "utf8");
    expect(committed).toBe(await compileKernels());
  });

  it("reads records of the size that is written", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    expect(instantiate(compileModule(false), memory).recordBytes()).toBe(recordBytes);
  });
});
