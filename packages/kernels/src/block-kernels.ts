import { type ConvolutionBlock, VoxplainError } from "@voxplain/core";
import { isComputable } from "./choose-kernel.ts";
import { product } from "./geometry.ts";
import type { PlacedBlock } from "./place-block.ts";
import { placeBlocks } from "./place-blocks.ts";
import { controlBytes, helpedTeam, type KernelHelp, soloTeam } from "./team.ts";
import { compileModule, instantiate, maximumPages } from "./wasm-module.ts";

/** Who computes. */
export interface KernelOptions {
  /** Threads that compute, this one included; default: 1. */
  readonly threads?: number;
  /**
   * Starts a thread that calls `helpKernels` with what it is given. It may start later than the first kernel runs.
   * Called threads - 1 times; never where memory cannot be shared.
   */
  readonly startHelper?: (help: KernelHelp) => void;
}

/** The first blocks of a network on an image of one size, in memory that is used again for every image. */
export interface BlockKernels {
  /** The image, [channels][...dims]: write it here. */
  readonly input: Float32Array;
  /** Values behind the last block, [channels][...cutDims], after `forward`. */
  readonly cut: Float32Array;
  /** Their channels and lengths. */
  readonly cutDims: readonly number[];
  /** The gradient at `cut`: write it here. */
  readonly cutGradient: Float32Array;
  /** The gradient at `input`, after `backward`. */
  readonly gradient: Float32Array;
  /** The kernel of each block: for provenance. */
  readonly kernels: readonly string[];
  /** Bytes of memory. */
  readonly bytes: number;
  /** Computes `cut`. Decisions of the first block are those of float64. Blocks the thread. */
  forward(): void;
  /** Computes `gradient`, for the image of the last `forward`. Blocks the thread. */
  backward(): void;
  /** Runs every kernel on a few planes, so that the engine has compiled them when the first image comes. */
  warmUp(): void;
  /** Ends the helpers. */
  release(): void;
}

/** Largest values for which no sum of a Winograd transform can overflow. */
const largestSafe = 1e30;
const mostThreads = 64;
/** Planes and rounds after which the engine has compiled what runs: measured in Node 20. */
const [warmPlanes, warmRounds] = [6, 3];

/** Units of 2⁻²⁴ by which a sum of so many products may be off, with the rounding of weights and Winograd's transforms. */
const roundings = ({ geometry }: PlacedBlock) => 37 + geometry.channels * product(geometry.kernel);

/** Is every sum in the blocks far from overflow, for values up to `most` at the input? */
function staysFinite(
  blocks: readonly ConvolutionBlock[],
  placed: readonly PlacedBlock[],
  most: number,
): boolean {
  let reach = most;
  blocks.forEach(({ bias, slopes }, k) => {
    const sums = placed[k]?.sums ?? [];
    const values = Array.from(sums, (sum, c) => {
      return (sum * reach + Math.abs(bias[c] ?? 0)) * Math.max(1, Math.abs(slopes?.[c] ?? 1));
    });
    // A weight that is not finite makes it NaN, which is not below the limit.
    reach = values.every((value) => value < largestSafe)
      ? Math.max(reach, ...values)
      : Number.POSITIVE_INFINITY;
  });
  return reach < largestSafe;
}

/**
 * The blocks, for images of `dims` (two or three lengths, without batch and channels). The bits of the results are the same for any number
 * of threads.
 */
export function blockKernels(
  blocks: readonly ConvolutionBlock[],
  dims: readonly number[],
  { threads = 1, startHelper }: KernelOptions = {},
): BlockKernels {
  if (!blocks.every(isComputable)) {
    throw new VoxplainError("unsupported", "a window of a max-pooling is too large for the kernels");
  }
  const { memory: places, placed, input, gradient, cut, cutGradient, first, top } = placeBlocks(blocks, dims);
  const shared = threads > 1 && startHelper !== undefined && typeof SharedArrayBuffer !== "undefined";
  const team = shared ? Math.min(threads, mostThreads) : 1;
  const scratchBytes = Math.ceil(Math.max(...placed.map((block) => block.scratchBytes)) / 4096) * 4096;
  const scratch = places.take(team * scratchBytes);
  const bytes = places.size();
  const memory = new WebAssembly.Memory({
    initial: Math.ceil(bytes / 65_536),
    maximum: maximumPages,
    shared,
  });
  const { buffer } = memory;
  places.fill(buffer);
  for (const block of placed) block.write(buffer);
  const module = compileModule(shared);
  const compute = startTeam();

  function startTeam() {
    const kernels = instantiate(module, memory);
    if (!shared) return soloTeam(kernels, scratch);
    const control = new SharedArrayBuffer(controlBytes);
    for (let thread = 1; thread < team; thread++) startHelper?.({ module, memory, control, thread });
    return helpedTeam(kernels, control, team, scratch, scratchBytes);
  }
  const floats = (at: number, count: number) => new Float32Array(buffer, at, count);
  const [bottom] = placed;
  const voxels = product(first.input);
  const cells = product(top.out);
  const image = floats(input, first.channels * voxels);

  /** The distances below which the first block decides in float64. */
  function setBounds(block: PlacedBlock, most: number) {
    const bias = blocks[0]?.bias ?? [];
    floats(block.bounds, first.outputs).set(
      Array.from(block.sums, (sum, c) => roundings(block) * 2 ** -24 * (sum * most + Math.abs(bias[c] ?? 0))),
    );
    const corner = Array.from({ length: first.channels }, (_, c) => image[c * voxels] ?? 0);
    floats(block.backgrounds, first.outputs).set(block.constant(corner));
  }

  /** Runs the forward kernels; `finite`: no sum can overflow. */
  function runForward(finite: boolean, most: number) {
    for (const block of placed) {
      const { forward: kernel } = block.choice;
      const exact = block === bottom && kernel === "winogradOne" ? "winogradOneExact" : kernel;
      const planes = Math.min(most, block.geometry.out[0]);
      // Winograd's transforms would spread what is not finite to its neighbours.
      if (finite) compute.run(exact, block.forward, planes);
      else compute.run("plain", block.plain, planes);
    }
  }

  function runBackward(most: number) {
    for (const { choice, geometry, gradient: record } of [...placed].reverse()) {
      const planes = choice.gradient === "plainGradient" ? geometry.input[0] : geometry.out[0];
      compute.run(choice.gradient, record, Math.min(most, planes));
    }
  }

  function forward() {
    if (!bottom) return;
    compute.run("largest", bottom.plain, first.input[0]);
    const most = floats(bottom.largest, first.input[0]).reduce((a, b) => Math.max(a, b), 0);
    const finite = staysFinite(blocks, placed, most);
    if (finite) setBounds(bottom, most);
    else floats(bottom.bounds, first.outputs).fill(-1);
    runForward(finite, Number.POSITIVE_INFINITY);
  }

  /** The engine compiles its fast code for what has run for some milliseconds, for the next call. */
  function warmUp() {
    const some = image.subarray(0, Math.min(voxels, warmPlanes * 4 * first.input[1] * first.input[2]));
    const someGradient = floats(cutGradient, Math.min(cells, warmPlanes * top.out[1] * top.out[2]));
    some.forEach((_, k) => {
      some[k] = (k * 0.618) % 1;
    });
    someGradient.fill(1);
    for (let round = 0; round < warmRounds; round++) {
      runForward(true, warmPlanes);
      runBackward(warmPlanes);
    }
    some.fill(0);
    someGradient.fill(0);
  }

  return {
    input: image,
    cut: floats(cut, top.outputs * cells),
    cutDims: [top.outputs, ...top.out.slice(3 - dims.length)],
    cutGradient: floats(cutGradient, top.outputs * cells),
    gradient: floats(gradient, first.channels * voxels),
    kernels: placed.map(({ choice }) => choice.forward),
    bytes,
    forward,
    backward: () => runBackward(Number.POSITIVE_INFINITY),
    warmUp,
    release: () => compute.release(),
  };
}
