/**
 * Files of a web page: dropped or picked ones, folders that the user opens, a web server; downloads.
 *
 * ```ts
 * import { readText } from "@voxplain/core";
 * import { httpFiles } from "@voxplain/core/web";
 *
 * const labels = await readText(httpFiles("/sample/labels", ["AD_baseline.tsv"]), "AD_baseline.tsv");
 * console.log(labels.split("\t")[0]); // participant_id
 * ```
 * @module @voxplain/core/web
 */
export { openedFolder } from "./web/directory-handle.ts";
export { downloads, gzipInBrowser } from "./web/downloads.ts";
export { droppedFiles, pickedFiles } from "./web/dropped-files.ts";
export { fileTree } from "./web/file-tree.ts";
export { httpFiles } from "./web/http-files.ts";
