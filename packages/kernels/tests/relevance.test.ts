import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  type BlockRelevance,
  type ConvolutionBlock,
  isVoxplainError,
  type RelevanceBound,
  type RelevancePart,
} from "@voxplain/core";
import { afterEach, describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import { type KernelHelp, kernelProgram } from "../src/index.ts";
import { partFields, shareFields } from "../src/record.ts";
import { openKernels } from "../src/runner.js";
import { compileModule, instantiate } from "../src/wasm-module.js";
import { distance, fill, head, randomBlock, randomCase, randomNumbers } from "./examples.ts";
import { referenceBlocks } from "./reference.ts";

const workers: Worker[] = [];
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.terminate())));

/** Other weights than the block's, for values between bounds. */
const part = (
  { weights, bias }: ConvolutionBlock,
  change: (weight: number) => number,
  [low, high]: readonly [RelevanceBound, RelevanceBound] = [-Infinity, Infinity],
): RelevancePart => ({
  ...{ low, high, weights: Float64Array.from(weights, change) },
  ...(low === -Infinity && { bias: Float64Array.from(bias, change) }),
});
// Denominators far from 0: next to it rounding shows, and no kernel is to blame.
const epsilon = 0.25;

const rules: Readonly<Record<string, (block: ConvolutionBlock) => BlockRelevance>> = {
  "of one part": (block) => [{ parts: [part(block, (w) => w)], factor: 1, epsilon }],
  "of positive and negative values": (block) => [
    {
      parts: [
        part(block, (w) => Math.max(w, 0), [0, Infinity]),
        part(block, (w) => Math.min(w, 0), [-Infinity, 0]),
      ],
      ...{ factor: 2, epsilon },
    },
    {
      parts: [
        part(block, (w) => Math.min(w, 0), [0, Infinity]),
        part(block, (w) => Math.max(w, 0), [-Infinity, 0]),
      ],
      ...{ factor: -1, epsilon },
    },
  ],
  "where the convolution is above or below 0": (block) => [
    { parts: [part(block, (w) => w + Math.max(w, 0))], factor: 1, epsilon, where: "above" },
    { parts: [part(block, (w) => w + Math.min(w, 0))], factor: 1, epsilon, where: "below" },
  ],
  "less constants": (block) => [
    {
      parts: [
        part(block, (w) => w),
        part(block, (w) => -Math.max(w, 0), [-2, -2]),
        part(block, (w) => -Math.min(w, 0), [[1.5], [1.5]]),
      ],
      ...{ factor: 1, epsilon },
    },
  ],
  "as if all values were 1": (block) => [{ parts: [part(block, () => 1, [1, 1])], factor: 1, epsilon }],
};

function compute(
  blocks: readonly ConvolutionBlock[],
  dims: readonly number[],
  image: Float32Array,
  relevance: readonly BlockRelevance[],
  atCut: (length: number) => Float32Array,
) {
  const kernels = openKernels(kernelProgram(blocks, dims, { relevance }));
  kernels.warmUp();
  kernels.input.set(image);
  kernels.forward();
  const given = atCut(kernels.cutGradient.length);
  kernels.cutGradient.set(given);
  kernels.gradient.fill(Number.NaN);
  kernels.backward();
  return { found: kernels.gradient, given };
}

const seeds = Array.from({ length: 400 }, (_, k) => k);

describe.each(Object.entries(rules))("relevance %s", (_, rule) => {
  it.each(casesOf(seeds, (seed) => seed < 30))("is that of float64: seed %i", (seed) => {
    try {
      const { dims, blocks, image, random } = randomCase(seed);
      // What windows that overlap hand to one value, and averages, are left to the graph.
      if (blocks.some(({ pooling }) => pooling?.window[0] === 3 || pooling?.kind === "average")) return;
      const relevance = blocks.map(rule);
      const { found, given } = compute(blocks, dims, image, relevance, (length) =>
        fill(length, () => 2 * random() - 1),
      );
      const expected = referenceBlocks(blocks, dims, image).relevance(given, relevance);
      expect(distance(found, expected)).toBeLessThan(1e-5);
    } catch (error) {
      if (!isVoxplainError(error, "mismatch")) throw error;
    }
  });
});

const dims = [13, 14, 35];

describe("relevance of an image", () => {
  const random = randomNumbers(3);
  const block = randomBlock(dims, random, { outputs: 8 });
  const ofRange: BlockRelevance = [
    {
      parts: [
        part(block, (w) => w),
        part(block, (w) => -Math.max(w, 0), ["lowest", "lowest"]),
        part(block, (w) => -Math.min(w, 0), ["highest", "highest"]),
      ],
      ...{ factor: 1, epsilon },
    },
  ];
  it.each([
    ["values of both signs", () => fill(13 * 14 * 35, () => 2 * random() - 1)],
    ["no negative value", () => head(dims, 1, random)],
    ["zeros", () => new Float32Array(13 * 14 * 35)],
  ])("takes its lowest and highest value as bounds: %s", (_, draw) => {
    const image = draw();
    const { found, given } = compute([block], dims, image, [ofRange], (length) => fill(length, random));
    const expected = referenceBlocks([block], dims, image).relevance(given, [ofRange]);
    expect(distance(found, expected)).toBeLessThan(1e-5);
  });

  it("has the same bits with three threads as with one, in any place for maps", async () => {
    const inner = randomBlock([7, 7, 18], random, { channels: 8, outputs: 5 });
    const relevance = [rules["of positive and negative values"]?.(block) ?? [], ofRangeless(inner)];
    const program = kernelProgram([block, inner], dims, { relevance, images: 2, maps: 2 });
    const startHelper = (help: KernelHelp) => {
      workers.push(new Worker(new URL("./helper.js", import.meta.url), { workerData: help }));
    };
    const alone = openKernels(program);
    const shared = openKernels(program, { threads: 3, startHelper });
    const started = Promise.all(workers.map((worker) => once(worker, "message")));
    const image = fill(13 * 14 * 35, () => 2 * random() - 1);
    const atCut = fill(alone.cutGradient.length, random);
    for (let round = 0; round < 12; round++) {
      if (round === 5) await started;
      const [which, map] = [round % 2, (round >> 1) % 2];
      for (const kernels of [alone, shared]) {
        kernels.images[which]?.set(image);
        kernels.forward(which);
        kernels.cutGradient.set(atCut);
        kernels.backward({ map });
      }
      expect(shared.maps[map]?.slice()).toEqual(alone.maps[map]?.slice());
      expect(alone.maps[map]?.some((value) => value !== 0)).toBe(true);
    }
    shared.release();
  });

  it("is refused for averages", () => {
    const average = randomBlock(dims, random, { pooling: "average" });
    expect(() => kernelProgram([average], dims, { relevance: [ofRangeless(average)] })).toThrow(
      "the kernels have no relevance for these blocks",
    );
  });
});

function ofRangeless(block: ConvolutionBlock): BlockRelevance {
  return [{ parts: [part(block, (w) => w)], factor: 1, epsilon }];
}

it("is read from records of the size that is written", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  const kernels = instantiate(compileModule(false), memory);
  expect(kernels.partBytes()).toBe(4 * partFields.length);
  expect(kernels.shareBytes()).toBe(4 * shareFields.length);
});
