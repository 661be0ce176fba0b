/**
 * Files of a web page: dropped or picked ones, folders that the user opens, a web server; downloads.
 * @module @voxplain/core/web
 */
export { openedFolder } from "./web/directory-handle.ts";
export { downloads, gzipInBrowser } from "./web/downloads.ts";
export { droppedFiles, pickedFiles } from "./web/dropped-files.ts";
export { httpFiles } from "./web/http-files.ts";
