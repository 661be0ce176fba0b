import type { ConvolutionBlock } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { product } from "../src/geometry.ts";
import { blockKernels, type KernelProgram, kernelProgram } from "../src/index.ts";
import { fieldAt, recordBytes } from "../src/record.ts";
import { openKernels } from "../src/runner.js";
import { fill, head, randomBlock, randomNumbers } from "./examples.ts";

/** A program whose kernels compute every cell: its records name no tables of rows that repeat the row before. */
function computingEveryCell(program: KernelProgram): KernelProgram {
  const records = new Set(program.steps.flatMap((step) => [step.forwardRecord, step.plainRecord]));
  const contents = program.contents.map(([at, values]): KernelProgram["contents"][number] => {
    if (!records.has(at) || values.byteLength !== recordBytes) return [at, values];
    const record = Int32Array.from(values);
    for (const name of ["repeats", "outputRepeats"] as const) record[fieldAt(name) / 4] = 0;
    return [at, record];
  });
  return { ...program, contents, steps: program.steps.map((step) => ({ ...step, comparesRows: false })) };
}

const poolings = ["padded", "floor", "ceil"] as const;

/** A network and an image of a head in even air, with some voxels that stand out of it. */
function example(seed: number) {
  const random = randomNumbers(1000 + seed);
  const among = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const dims = [among(12, 30), among(16, 40), among(18, 44)];
  const channels = among(1, 3);
  let [lengths, inputs] = [dims, channels];
  const blocks: ConvolutionBlock[] = [];
  for (let k = 0; k < 3; k++) {
    const outputs = among(3, 9);
    const pad = among(0, 3) === 0 ? 0 : 1;
    const pooling = poolings[among(0, 2)] ?? "padded";
    const block = randomBlock(lengths, random, {
      channels: inputs,
      outputs,
      pad,
      pooling,
      slope: among(0, 2) / 10,
    });
    blocks.push(block);
    lengths = [...blockKernels([block], lengths).cutDims.slice(1)];
    inputs = outputs;
    if (lengths.some((length) => length < 5)) break;
  }
  const image = head(dims, channels, random);
  const air = [0, 0, 0.25, -1][seed % 4] ?? 0;
  const voxels = product(dims);
  const spots = new Set(Array.from({ length: seed % 3 }, () => among(0, voxels - 1)));
  // Each channel has its own value of air, so that mixed-up channels would be seen.
  return {
    dims,
    blocks,
    image: image.map((value, k) =>
      value === 0 && !spots.has(k) ? air * (1 + Math.floor(k / voxels)) : value,
    ),
    random,
  };
}

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength);

describe("rows that repeat the row before", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "are copied to the same bits as they are computed: seed %i",
    (seed) => {
      const { dims, blocks, image, random } = example(seed);
      const program = kernelProgram(blocks, dims);
      const copying = openKernels(program);
      const computing = openKernels(computingEveryCell(program));
      const gradient = fill(copying.cutGradient.length, () => 2 * random() - 1);
      // The second image is computed where the tables of the first one are.
      for (const input of [image, Float32Array.from(image).reverse(), image.map(() => 0.5)]) {
        for (const kernels of [copying, computing]) {
          kernels.input.set(input);
          kernels.cut.fill(Number.NaN);
          kernels.forward();
          kernels.cutGradient.set(gradient);
          kernels.backward();
        }
        expect(Buffer.compare(bytes(copying.cut), bytes(computing.cut))).toBe(0);
        expect(Buffer.compare(bytes(copying.gradient), bytes(computing.gradient))).toBe(0);
      }
    },
  );
});
