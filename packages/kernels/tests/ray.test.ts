// Sums of gradients at multiples of an image: as those of the kernels and of float64, one gradient after the other.
import { describe, expect, it } from "vitest";
import { type BlockKernels, kernelProgram } from "../src/index.ts";
import { openRay } from "../src/ray.js";
import { rayFields } from "../src/record.ts";
import { openKernels } from "../src/runner.js";
import { compileModule, instantiate } from "../src/wasm-module.js";
import { type BlockChoice, distance, fill, head, randomBlock, randomNumbers } from "./examples.ts";
import { helperThreads } from "./helper-threads.ts";
import { referenceBlocks } from "./reference.ts";

const { open, startHelper } = helperThreads();

const points = [
  { position: 0.04, weight: 0.5 },
  { position: 0.6, weight: -0.4 },
  { position: 1, weight: 0.7 },
];

const kinds: readonly (readonly [string, readonly number[], readonly BlockChoice[]])[] = [
  ["one block, odd lengths", [9, 11, 13], [{}]],
  ["one block, a slope per channel", [11, 8, 9], [{ slope: [0, 0.1, 0.5, 1] }]],
  ["one block, no activation, rounding up", [7, 9, 9], [{ slope: undefined, pooling: "ceil" }]],
  ["several channels, no zeros around them", [9, 10, 21], [{ channels: 3, pad: 0, outputs: 5 }]],
  ["two blocks", [9, 10, 19], [{ outputs: 6 }, { outputs: 7 }]],
  [
    "two blocks with slopes",
    [8, 9, 20],
    [
      { outputs: 3, slope: 0.2 },
      { outputs: 5, slope: 0.1 },
    ],
  ],
  ["a block of another kind behind the first", [8, 9, 17], [{ outputs: 2 }, { pooling: "none", outputs: 3 }]],
];

function blocksOf(dims: readonly number[], choices: readonly BlockChoice[], random: () => number) {
  let [lengths, channels] = [dims, choices[0]?.channels ?? 1];
  return choices.map((choice) => {
    const block = randomBlock(lengths, random, { ...choice, channels });
    const { out } = { out: kernelProgram([block], lengths).cutDims };
    [channels, lengths] = [out[0] ?? 1, out.slice(1)];
    return block;
  });
}

/** Sums of the kernels for an image, with a gradient of its own at each point. */
function summed(kernels: BlockKernels, image: Float32Array, seed: number) {
  const { ray } = kernels;
  if (!ray) throw new Error("there is no ray");
  const random = randomNumbers(seed);
  kernels.input.set(image);
  expect(ray.prepare(0)).toBe(true);
  ray.clear();
  const cuts = points.map(({ position, weight }) => {
    ray.forward(position);
    kernels.cutGradient.set(fill(kernels.cutGradient.length, () => 2 * random() - 1));
    ray.add(weight);
    return kernels.cut.slice();
  });
  kernels.gradient.fill(Number.NaN);
  ray.finish();
  return { cuts, map: kernels.gradient.slice() };
}

const openFor = (dims: readonly number[], choices: readonly BlockChoice[], threads = 1) => {
  const random = randomNumbers(23);
  const blocks = blocksOf(dims, choices, random);
  const kernels = openKernels(kernelProgram(blocks, dims, { ray: true }), { threads, startHelper });
  open.push(kernels);
  return { blocks, kernels, random };
};

describe("a ray", () => {
  it.each(kinds)("equals float64, gradient after gradient: %s", (_, dims, choices) => {
    const { blocks, kernels, random } = openFor(dims, choices);
    for (const image of [
      fill(kernels.input.length, () => 2 * random() - 1),
      head(dims, choices[0]?.channels ?? 1, random),
    ]) {
      const { cuts, map } = summed(kernels, image, 5);
      const atCut = randomNumbers(5);
      const expected = new Float64Array(map.length);
      for (const [k, { position, weight }] of points.entries()) {
        const reference = referenceBlocks(
          blocks,
          dims,
          Float64Array.from(image, (value) => value * position),
        );
        expect(distance(cuts[k] ?? [], reference.output)).toBeLessThan(1e-6);
        const gradient = fill(kernels.cutGradient.length, () => 2 * atCut() - 1);
        Array.from(reference.backward(gradient)).forEach((value, at) => {
          expected[at] = (expected[at] ?? 0) + weight * value;
        });
      }
      expect(distance(map, expected)).toBeLessThan(1e-6);
    }
  });

  it("decides as float64 where sums in whole numbers are equal, or 0", () => {
    const dims = [12, 13, 20];
    const { blocks, kernels } = openFor(dims, [{ whole: true }]);
    const random = randomNumbers(3);
    const image = fill(kernels.input.length, () => Math.round(2 * random()));
    const { map } = summed(kernels, image, 7);
    const atCut = randomNumbers(7);
    const expected = new Float64Array(map.length);
    for (const { position, weight } of points) {
      const gradient = fill(kernels.cutGradient.length, () => 2 * atCut() - 1);
      const { backward } = referenceBlocks(
        blocks,
        dims,
        image.map((value) => value * position),
      );
      Array.from(backward(gradient)).forEach((value, at) => {
        expected[at] = (expected[at] ?? 0) + weight * value;
      });
    }
    expect(distance(map, expected)).toBeLessThan(1e-6);
  });

  it.each([2, 3])("has the same bits with %i threads as with one", (threads) => {
    const dims = [21, 26, 35];
    const choices = [{ outputs: 8 }, { outputs: 9 }];
    const image = head(dims, 1, randomNumbers(2));
    const alone = summed(openFor(dims, choices).kernels, image, 1);
    expect(summed(openFor(dims, choices, threads).kernels, image, 1)).toEqual(alone);
  });

  it("is prepared again after a pass of another image", () => {
    const dims = [21, 18, 27];
    const { kernels, random } = openFor(dims, [{ outputs: 6 }, { outputs: 7 }]);
    const image = head(dims, 1, random);
    const expected = summed(kernels, image, 1);
    kernels.input.set(fill(kernels.input.length, random));
    kernels.forward();
    kernels.backward();
    expect(summed(kernels, image, 1)).toEqual(expected);
    // And leaves nothing behind for other passes.
    kernels.input.set(image);
    kernels.forward();
    expect(distance(kernels.cut, expected.cuts.at(-1) ?? [])).toBeLessThan(1e-6);
  });

  it("is not there for an image whose sums overflow, nor for other kernels", () => {
    const dims = [9, 11, 13];
    const { kernels } = openFor(dims, [{}]);
    kernels.input.fill(3e38);
    expect(kernels.ray?.prepare(0)).toBe(false);
    expect(openFor(dims, [{ slope: -0.5 }]).kernels.ray).toBeUndefined();
  });

  it("leaves no point behind where a kernel fails at it: later passes would be decided there", () => {
    const dims = [9, 11, 13];
    const program = kernelProgram(blocksOf(dims, [{}], randomNumbers(1)), dims, { ray: true });
    if (!program.ray) throw new Error("there is no ray");
    const buffer = new ArrayBuffer(program.bytes);
    const ray = openRay(program.ray, program.steps, {
      ...{ buffer, chooseMap() {}, runBehind() {}, errorsOf: () => [] },
      compute: {
        run() {
          throw new Error("a thread that helps the kernels has ended");
        },
        release() {},
      },
      look: () => ({ reach: 1, constants: [0], finite: true }),
      constantValues: () => new Float32Array(4),
    });
    expect(() => ray.forward(0.5)).toThrow("has ended");
    expect(new Int32Array(buffer)[program.ray.pointFieldAt / 4]).toBe(0);
  });

  it("is not there where it would take the memory that the rest needs", () => {
    const blocks = blocksOf([9, 11, 13], [{ outputs: 8 }], randomNumbers(1));
    const options = { ray: true, images: 3, maps: 2 };
    const ofHead = kernelProgram(blocks, [256, 256, 256], options);
    expect(ofHead.ray).toBeDefined();
    const large = kernelProgram(blocks, [480, 480, 480], options);
    expect(large.ray).toBeUndefined();
    expect(large.bytes).toBeLessThan(2 ** 32 - 2 ** 20);
  });

  it("reads a record of the size that is written", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    expect(instantiate(compileModule(false), memory).rayBytes()).toBe(4 * rayFields.length);
  });
});
