/**
 * Folders, atomic writes and gzip for Node.
 * @module @voxplain/core/node
 */
export { directory, openFile, writeFileAtomically } from "./node/directory.ts";
export { gzipInPool } from "./node/gzip.ts";
export { ioFailure } from "./node/io-failure.ts";
export type { ResultFolder } from "./node/result-folder.ts";
export { publishFolder, refuseExisting, startResult } from "./node/result-folder.ts";
