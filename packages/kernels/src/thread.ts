/**
 * What threads run: `openKernels` in the one that computes a `KernelProgram`, `helpKernels` in those that help it; `rowOf` and `joinedRows` take a
 * batch through them row by row. Node loads it as JavaScript from `src`, so that threads start from the sources as well as from the build.
 * @module @voxplain/kernels/runner
 */
export { helperEnded, helpKernels, joinedRows, openKernels, rowOf } from "./runner.js";
