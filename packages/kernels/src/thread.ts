/**
 * What threads run: `openKernels` in the one that computes a `KernelProgram`, `helpKernels` in those that help it. Node loads it as JavaScript
 * from `src`, so that threads start from the sources as well as from the build.
 * @module @voxplain/kernels/runner
 */
export { helperEnded, helpKernels, openKernels } from "./runner.js";
