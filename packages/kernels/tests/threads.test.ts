import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { compileKernels, identifyBuild } from "../scripts/compile.mjs";
import { blockKernels, type KernelHelp, kernelProgram } from "../src/index.ts";
import { recordBytes } from "../src/record.ts";
import { helpKernels, openKernels } from "../src/runner.js";
import { controlBytes, helpedTeam } from "../src/team.js";
import { compileModule, instantiate, type Kernels } from "../src/wasm-module.js";
import { fill, head, randomBlock, randomNumbers } from "./examples.ts";
import { helperThreads } from "./helper-threads.ts";

const { open, workers, startHelper } = helperThreads();

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

  it("fail, and do not wait for ever, where a helper ends without its part", async () => {
    let control = new SharedArrayBuffer(0);
    const kernels = blockKernels([randomBlock(dims, randomNumbers(1), {})], dims, {
      threads: 2,
      startHelper: (help) => {
        control = help.control;
      },
    });
    open.push(kernels);
    // It takes a part as a helper does, and ends before that is computed.
    const helper = new Worker(
      `const { workerData: { control } } = require("node:worker_threads");
      const state = new Int32Array(control);
      for (;;) {
        const word = Atomics.load(state, 0);
        if ((word & 255) > 0 && Atomics.compareExchange(state, 0, word, word - 1) === word) break;
      }`,
      { eval: true, workerData: { control } },
    );
    workers.push(helper);
    await once(helper, "online");
    // The thread that computes would wait: its helpers' ends are seen by another one.
    const watcher = new Worker(
      `const { workerData: { control, runner } } = require("node:worker_threads");
      setTimeout(() => import(runner).then(({ helperEnded }) => helperEnded(control)), 300);`,
      { eval: true, workerData: { control, runner: new URL("../src/runner.js", import.meta.url).href } },
    );
    workers.push(watcher);
    expect(() => {
      for (;;) kernels.forward();
    }).toThrow("a thread that helps the kernels has ended");
  });

  it("compute nothing more after a failure: parts of that call may still be computed by other threads", () => {
    const kernels: Partial<Kernels> = {
      largest() {
        throw new WebAssembly.RuntimeError("divide by zero");
      },
      compareRows() {},
    };
    const team = helpedTeam(kernels as Kernels, new SharedArrayBuffer(controlBytes), 2, 0, 0);
    team.run("compareRows", 0, 10);
    expect(() => team.run("largest", 0, 10)).toThrow("the kernel largest failed: divide by zero");
    expect(() => team.run("compareRows", 0, 10)).toThrow("the kernel largest failed: divide by zero");
  });

  it("refuse what another build has laid out, and to help another build", () => {
    const message = "the files of @voxplain/kernels are of different builds: install or build it again";
    const program = kernelProgram([randomBlock(dims, randomNumbers(1), {})], dims);
    expect(() => openKernels({ ...program, build: "another" })).toThrow(message);
    let asked: KernelHelp | undefined;
    open.push(openKernels(program, { threads: 2, startHelper: (help) => (asked = help) }));
    const help = asked as KernelHelp;
    expect(() => helpKernels({ ...help, build: "another" })).toThrow(message);
    open.at(-1)?.forward(); // alone
  });

  it("compute alone where no helpers are started", () => {
    const kernels = blockKernels([randomBlock(dims, randomNumbers(1), {})], dims, { threads: 4 });
    expect(kernels.input.buffer).toBeInstanceOf(ArrayBuffer);
  });
});

const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

describe("several images and maps", () => {
  it("are computed as the first is, and each map stays while another is computed", () => {
    const random = randomNumbers(9);
    const block = randomBlock(dims, random, { outputs: 8 });
    const images = [head(dims, 1, random), head(dims, 1, random)] as const;
    const alone = images.map((image) => {
      const kernels = blockKernels([block], dims);
      kernels.input.set(image);
      kernels.forward();
      kernels.cutGradient.fill(1);
      kernels.backward();
      return { cut: kernels.cut.slice(), map: kernels.gradient.slice() };
    });
    for (const share of [false, true]) {
      const kernels = openKernels(kernelProgram([block], dims, { images: 2, maps: 2 }), { share });
      expect(kernels.input.buffer instanceof SharedArrayBuffer).toBe(share);
      kernels.cutGradient.fill(1);
      for (const [k, place] of kernels.images.entries()) place.set(images[k] ?? []);
      kernels.forward(1);
      expect(kernels.cut).toEqual(alone[1]?.cut);
      kernels.backward({ map: 0 });
      kernels.forward(0);
      expect(kernels.cut).toEqual(alone[0]?.cut);
      kernels.backward({ map: 1 });
      expect(kernels.maps.map((map) => map.slice())).toEqual([alone[1]?.map, alone[0]?.map]);
      expect(() => kernels.forward(2)).toThrow("there are 2 places, not 3");
    }
  });
});

describe("the compiled module", () => {
  const committed = (name: string) => readFile(new URL(`../src/${name}`, import.meta.url), "utf8");

  it("is that of assembly/", async () => {
    expect(await committed("wasm-bytes.js")).toBe(await compileKernels());
  });

  it("has a name by which threads know that their files belong together", async () => {
    expect(await committed("build-id.js")).toBe(await identifyBuild());
  });

  it("reads records of the size that is written", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    expect(instantiate(compileModule(false), memory).recordBytes()).toBe(recordBytes);
  });
});
