/**
 * The first blocks of a network, convolution, activation and pooling, and their gradients, as WebAssembly kernels.
 *
 * ```ts
 * import { blockKernels } from "@voxplain/kernels";
 *
 * const block = {
 *   inputChannels: 1, outputChannels: 1, weights: new Float32Array(9).fill(1), bias: new Float32Array(1),
 *   kernel: [3, 3], strides: [1, 1], padsBefore: [1, 1], padsAfter: [1, 1], slopes: new Float32Array(1), pooling: undefined,
 * };
 * const kernels = blockKernels([block], [4, 4]);
 * kernels.input.fill(1);
 * kernels.forward();
 * kernels.cut[0]; // 4: the corner has four neighbours, itself included
 * ```
 * @module @voxplain/kernels
 */
export type { BlockKernels, KernelHelp, KernelOptions, KernelRay } from "./block-kernels.ts";
export { blockKernels } from "./block-kernels.ts";
export { isComputable } from "./choose-kernel.ts";
export type { LeadingProgram } from "./leading-program.ts";
export { kernelNames, leadingProgram } from "./leading-program.ts";
export type { KernelProgram, ProgramOptions } from "./program.ts";
export { kernelProgram } from "./program.ts";
