/**
 * Opens `.pt` and `.pth.tar` files without Python and without executing anything.
 *
 * ```ts
 * import { openFile } from "@voxplain/core/node";
 * import { openCheckpoint, stateDict } from "@voxplain/torch-checkpoint";
 *
 * const name = "sample/models/random_small/fold-0/models/best_loss/model_best.pth.tar";
 * const reader = await openFile(name);
 * if (reader === undefined) throw new Error("there is no such file");
 * const weights = stateDict(await openCheckpoint(reader, { name }), "model");
 * for (const [name, tensor] of weights) console.log(name, tensor.dtype, tensor.dims);
 * ```
 * @module @voxplain/torch-checkpoint
 */
export type { Checkpoint } from "./checkpoint.ts";
export { openCheckpoint } from "./open-checkpoint.ts";
export { type FoundStateDict, isTensor, rootTensor, stateDict, stateDicts } from "./select.ts";
export type { CheckpointArray, CheckpointValue } from "./values.ts";
