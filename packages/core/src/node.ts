/**
 * Folders, atomic writes and gzip for Node.
 *
 * ```ts
 * import { readText } from "@voxplain/core";
 * import { directory } from "@voxplain/core/node";
 *
 * const labels = await readText(directory("sample/labels"), "AD_baseline.tsv");
 * console.log(labels.split("\t")[0]); // participant_id
 * ```
 * @module @voxplain/core/node
 */
export type { CleaningOptions } from "./node/beside-result.ts";
export { cleanBeside, isEmptyFolder, recoverResult, tryTo } from "./node/beside-result.ts";
export { directory, openFile, writeFileAtomically } from "./node/directory.ts";
export { gzipInPool } from "./node/gzip.ts";
export { ioFailure } from "./node/io-failure.ts";
export { makeFolders } from "./node/make-folders.ts";
export type { ProcessId } from "./node/process-owner.ts";
export { hasEnded, ownerHasEnded, ownerName, ownerPattern, thisProcess } from "./node/process-owner.ts";
export type { ResultFolder } from "./node/result-folder.ts";
export { publishFolder, refuseExisting, startResult } from "./node/result-folder.ts";
export { syncFiles, syncFolder, syncHandle, syncTree } from "./node/sync.ts";
export { temporaryFailure, temporaryFolder } from "./node/temporary-folder.ts";
export { filesBelow } from "./node/walk.ts";
