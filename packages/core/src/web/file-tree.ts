import type { FileEntry, FilePath, FileSource, RangeReader } from "../files.ts";
import { joinPath } from "../files.ts";

/**
 * A tree of files whose paths are known from the start; a path that ends with "/" is that of an empty folder.
 * @param name - What a person calls this place, for messages.
 * @param openFile - Opens a file of these paths.
 */
export function fileTree(
  name: string,
  paths: Iterable<FilePath>,
  openFile: (path: FilePath) => Promise<RangeReader | undefined>,
): FileSource {
  const folders = new Map<FilePath, Map<string, FileEntry>>([["", new Map()]]);
  const files = new Set<FilePath>();
  for (const given of paths) {
    const parts = joinPath(given).split("/");
    const isFolder = given.endsWith("/");
    if (isFolder) folders.set(parts.join("/"), new Map());
    else files.add(parts.join("/"));
    for (const [depth, part] of parts.entries()) {
      const folder = parts.slice(0, depth).join("/");
      const entries = folders.get(folder) ?? new Map<string, FileEntry>();
      folders.set(folder, entries);
      entries.set(part, { name: part, kind: depth === parts.length - 1 && !isFolder ? "file" : "directory" });
    }
  }
  return {
    name,
    async list(directory) {
      const entries = folders.get(joinPath(directory));
      return entries && [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async open(path) {
      const known = joinPath(path);
      return files.has(known) ? openFile(known) : undefined;
    },
  };
}
