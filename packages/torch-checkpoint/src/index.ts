/**
 * Opens `.pt` and `.pth.tar` files without Python and without executing anything.
 *
 * ```ts
 * import { openCheckpoint } from "@voxplain/torch-checkpoint";
 *
 * // 1.5 as a pickle of protocol 2 is not a checkpoint: the error says what it is instead.
 * await openCheckpoint(new Uint8Array([1, 2, 3])).catch((error) => error.message);
 * ```
 * @module
 */
export { type Checkpoint, openCheckpoint } from "./open-checkpoint.ts";
export { isTensor, rootTensor, stateDict } from "./select.ts";
export type { CheckpointArray, CheckpointValue } from "./values.ts";
