// node bench/kernel-bits.mjs [threads]: hashes of what the kernels compute for small networks. They are the same on every processor;
// packages/kernels/README.md names those that were compared. Needs the built packages, and nothing that is compiled for a processor.
import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { blockKernels } from "../packages/kernels/dist/index.js";

const threads = Number(process.argv[2] ?? 1);
let state = 7;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const fill = (length, value) => Float32Array.from({ length }, value);
const volume = (dims) => dims.reduce((a, b) => a * b);

/** A block with the same kernel, step and padding along each of its axes. */
function block(axes, [inputChannels, outputChannels], [kernel, stride, pad], pooling, slope) {
  const along = (value) => new Array(axes).fill(value);
  const taps = inputChannels * kernel ** axes;
  return {
    ...{ inputChannels, outputChannels, pooling: pooling?.(axes) },
    weights: fill(outputChannels * taps, () => (2 * random() - 1) * Math.sqrt(3 / taps)),
    bias: fill(outputChannels, () => 0.2 * random() - 0.1),
    ...{ kernel: along(kernel), strides: along(stride), padsBefore: along(pad), padsAfter: along(pad) },
    slopes: slope === undefined ? undefined : new Float32Array(outputChannels).fill(slope),
  };
}

const pooled =
  (window, stride, other = {}) =>
  (axes) => {
    const none = new Array(axes).fill(0);
    return {
      ...{ kind: "max", roundUp: false },
      ...{ window: new Array(axes).fill(window), strides: new Array(axes).fill(stride) },
      ...{ zerosBefore: none, zerosAfter: none, skippedBefore: none, skippedAfter: none },
      ...other,
    };
  };

/** Some zeros, as air has them. */
const noise = () => (random() < 0.3 ? 0 : random());
/** Neighbours that differ by some steps of float32: most decisions are near-ties. */
const nearTies = () => 1 + Math.round(random() * 8) * 2 ** -23;

/** Moves the sums of the second block to 0, in every other channel, so that the sign is a near-tie too. */
function aroundZero([front, second], dims) {
  const kernels = blockKernels([front], dims);
  kernels.input.set(fill(kernels.input.length, nearTies));
  kernels.forward();
  const voxels = kernels.cut.length / front.outputChannels;
  const means = fill(front.outputChannels, (_, n) => kernels.cut[Math.floor((n + 0.5) * voxels)]);
  const taps = second.weights.length / second.outputChannels;
  const bias = fill(second.outputChannels, (_, c) => {
    let sum = 0;
    for (let t = 0; t < taps; t++)
      sum += second.weights[c * taps + t] * means[Math.floor((t * means.length) / taps)];
    return c % 2 === 0 ? -sum : sum;
  });
  return [front, { ...second, bias }];
}

const conv5 = (...channels) =>
  channels
    .slice(1)
    .map((count, k) =>
      block(3, [channels[k], count], [3, 1, 1], pooled(2, 2, { zerosBefore: [1, 0, k === 0 ? 1 : 0] }), 0),
    );
const small = [41, 36, 51];
const tiny = [19, 18, 23];
const networks = {
  "Conv5_FC3, two blocks": () => [small, conv5(1, 8, 16), noise],
  "Conv5_FC3, three blocks, the last with 64 channels": () => [small, conv5(1, 8, 16, 64), noise],
  "Conv5_FC3, near-ties in both blocks": () => [tiny, aroundZero(conv5(1, 8, 16), tiny), nearTies],
  "steps of 2": () => [
    small,
    [block(3, [1, 8], [3, 2, 1], undefined, 0), block(3, [8, 16], [3, 2, 1], undefined, 0.01)],
    noise,
  ],
  "steps of 2, near-ties in both blocks": () => [
    tiny,
    aroundZero(
      [block(3, [1, 8], [3, 2, 1], undefined, 0), block(3, [8, 16], [3, 2, 1], undefined, 0.1)],
      tiny,
    ),
    nearTies,
  ],
  "random search": () => [
    [31, 26, 41],
    [block(3, [1, 1], [3, 1, 1], undefined, 0.01), block(3, [1, 8], [3, 1, 1], pooled(2, 2), 0.01)],
    noise,
  ],
  "windows of three": () => [
    small,
    [block(3, [3, 8], [3, 1, 1], pooled(3, 2), 0), block(3, [8, 5], [3, 1, 1], pooled(3, 2), 0)],
    noise,
  ],
  "7×7×7": () => [
    [31, 30, 33],
    [block(3, [1, 16], [7, 2, 3], pooled(3, 2, { skippedBefore: [1, 1, 1], skippedAfter: [1, 1, 1] }), 0)],
    noise,
  ],
  slices: () => [
    [169, 208],
    [
      block(2, [1, 8], [3, 1, 1], pooled(2, 2, { zerosBefore: [1, 0] }), 0),
      block(2, [8, 16], [3, 1, 1], pooled(2, 2, { zerosBefore: [1, 0] }), 0),
    ],
    noise,
  ],
  averages: () => [
    [20, 21, 22],
    [block(3, [4, 6], [3, 1, 1], (axes) => ({ ...pooled(2, 2)(axes), kind: "average" }), 0.2)],
    noise,
  ],
  "patches without padding": () => [
    [50, 50, 50],
    [block(3, [1, 15], [3, 1, 0], pooled(2, 2), 0), block(3, [15, 25], [3, 1, 0], pooled(2, 2), 0)],
    noise,
  ],
};

const startHelper = (help) =>
  new Worker(new URL("../packages/kernels/tests/helper.js", import.meta.url), { workerData: help });

for (const [name, network] of Object.entries(networks)) {
  const [dims, blocks, value] = network();
  const kernels = blockKernels(blocks, dims, { threads, startHelper });
  kernels.input.set(fill(volume(dims) * blocks[0].inputChannels, value));
  kernels.forward();
  const hash = createHash("sha256");
  const add = ({ buffer, byteOffset, byteLength }) =>
    hash.update(new Uint8Array(buffer, byteOffset, byteLength).slice());
  add(kernels.cut);
  kernels.cutGradient.set(fill(kernels.cutGradient.length, () => 2 * random() - 1));
  kernels.backward();
  add(kernels.gradient);
  kernels.release();
  console.log(hash.digest("hex").slice(0, 16), name);
}
console.log("#", process.version, process.platform, process.arch, process.execArgv.join(" "));
