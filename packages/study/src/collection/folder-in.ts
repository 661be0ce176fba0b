import type { FilePath, FileSource } from "@voxplain/core";

/** A folder of other files as a source of its own, such as a model folder that `recognizeFiles` found; "" is all of them. */
export function folderIn(files: FileSource, folder: FilePath): FileSource {
  if (folder === "") return files;
  const inside = (path: FilePath) => (path === "" ? folder : `${folder}/${path}`);
  return {
    name: `${files.name}/${folder}`,
    list: (path) => files.list(inside(path)),
    open: (path) => files.open(inside(path)),
    linkTarget: async (path) => files.linkTarget?.(inside(path)),
  };
}
