import type { ActivationRule, ConvolutionBlock } from "@voxplain/core";
import { kernelProgram } from "./program.ts";
import { openKernels } from "./runner.js";

/**
 * What a helper thread needs to compute parts. It can be posted to a worker, which calls `helpKernels` with it.
 */
export interface KernelHelp {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module;
  /** Their memory, shared by all threads. */
  readonly memory: WebAssembly.Memory;
  /** Where the threads wait for each other and take parts. */
  readonly control: SharedArrayBuffer;
  /** Number of the helper, from 1. */
  readonly thread: number;
  /** The build that asks for help: a helper of another one refuses. */
  readonly build: string;
}

/** Who computes. */
export interface KernelOptions {
  /** Threads that compute, this one included; default: 1. */
  readonly threads?: number;
  /** Whether other threads read and write images and maps: then memory is shared for one thread, too. Default: false. */
  readonly share?: boolean;
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
  /** Places of images: the first is `input`. More than one are there where the program has them. */
  readonly images: readonly Float32Array[];
  /** Places of the gradient at the image: the first is `gradient`. */
  readonly maps: readonly Float32Array[];
  /** Values behind the last block, [channels][...cutDims], after `forward`. */
  readonly cut: Float32Array;
  /** Their channels and lengths. */
  readonly cutDims: readonly number[];
  /** The gradient at `cut`: write it here. */
  readonly cutGradient: Float32Array;
  /** The gradient at `input`, after `backward`. */
  readonly gradient: Float32Array;
  /** Bytes of memory. */
  readonly bytes: number;
  /**
   * Computes `cut` of one of the images; default: the first. Decisions of the first block are those of float64. Blocks the thread.
   * @throws Error where a helper ended and its part is missing.
   */
  forward(image?: number): void;
  /**
   * Computes the gradient for the image of the last `forward`, in one of `maps`; default: the first. Blocks the thread. `rule`:
   * what activations let back in place of the gradient, for poolings whose windows do not overlap, and in front of which nothing is
   * skipped. It changes `cutGradient`; after "deconvolution" the next `backward` needs a `forward` before it.
   * @throws Error as `forward`.
   */
  backward(options?: { readonly rule?: ActivationRule | undefined; readonly map?: number }): void;
  /** Sums gradients at multiples of one image; absent where the program has no `ray`. */
  readonly ray?: KernelRay;
  /** Runs every kernel on a few planes, so that the engine has compiled them when the first image comes. */
  warmUp(): void;
  /** Ends the helpers. */
  release(): void;
}

/**
 * Gradients at multiples of one image, times weights and summed. What the first block computes of the image is computed once, and so is
 * its gradient at the image, so that a point takes less time than `forward` and `backward`. Blocks the thread.
 */
export interface KernelRay {
  /**
   * Looks at one of the images, which stays as it is until the sum is finished. Again after each `forward` or `backward` of the kernels.
   * @returns Whether all values stay finite; false: nothing can be summed.
   */
  prepare(image: number): boolean;
  /** Begins a sum. */
  clear(): void;
  /** Computes `cut` of the image times `position`, which is above 0 and at most 1. Decisions of the first two blocks are those of float64. */
  forward(position: number): void;
  /** Adds weight times the gradient for `cutGradient` at the point of the last `forward`. */
  add(weight: number): void;
  /** Writes the sum to one of `maps`; default: the first. */
  finish(map?: number): void;
}

/**
 * The blocks, for images of `dims` (one to three lengths, without batch and channels). The bits of the results are the same for any number
 * of threads.
 * @throws VoxplainError `unsupported` for a block that the kernels cannot compute; `mismatch` where the image is too small.
 */
export function blockKernels(
  blocks: readonly ConvolutionBlock[],
  dims: readonly number[],
  options: KernelOptions = {},
): BlockKernels {
  return openKernels(kernelProgram(blocks, dims), options);
}
