/**
 * Folders, atomic writes and gzip for Node.
 * @module @voxplain/core/node
 */
export { cleanBeside, recoverResult } from "./node/beside-result.ts";
export { directory, openFile, writeFileAtomically } from "./node/directory.ts";
export { gzipInPool } from "./node/gzip.ts";
export { ioFailure } from "./node/io-failure.ts";
export type { ProcessId } from "./node/process-owner.ts";
export { isRunning, thisProcess } from "./node/process-owner.ts";
export type { ResultFolder } from "./node/result-folder.ts";
export { publishFolder, refuseExisting, startResult } from "./node/result-folder.ts";
export { syncFiles, syncFolder, syncTree } from "./node/sync.ts";
export { temporaryFolder } from "./node/temporary-folder.ts";
