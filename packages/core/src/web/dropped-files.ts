import { elementAt } from "../element-at.ts";
import { VoxplainError } from "../errors.ts";
import { blobReader, type FilePath, type FileSource } from "../files.ts";
import { fileTree } from "./file-tree.ts";

/**
 * Files of an `<input type="file">`. If a folder was picked (`webkitdirectory`), it is the root and
 * gives the name.
 */
export function pickedFiles(files: Iterable<File>): FileSource {
  return treeOf(Array.from(files, (file) => [file.webkitRelativePath || file.name, file] as const));
}

/**
 * What was dropped on the page, folders with all that is in them; the content is read when it is asked
 * for. If one folder was dropped, it is the root and gives the name. Call it while the drop event is
 * handled: the browser forgets the items afterwards. What the browser cannot read, such as a link whose target is missing,
 * rejects with VoxplainError `io-failure` when it is opened or listed.
 */
export async function droppedFiles({
  items,
  files,
}: Pick<DataTransfer, "items" | "files">): Promise<FileSource> {
  const entries = Array.from(items, (item) => (item.kind === "file" ? item.webkitGetAsEntry() : null));
  const known = entries.filter((entry) => entry !== null);
  if (known.length === 0) return pickedFiles(files);
  const found: Found[] = [];
  for (const entry of known) await collect(entry, entry.name, found);
  return treeOf(found);
}

/** A file, or why it cannot be read; the path of a folder that cannot be read ends with "/". */
type Found = readonly [path: FilePath, file: File | VoxplainError];

async function collect(entry: FileSystemEntry, path: FilePath, found: Found[]) {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    }).catch(unreadable(path));
    found.push([path, file]);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A hundred at a time, until none are left.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    ).catch(unreadable(path));
    if (some instanceof VoxplainError) found.push([`${path}/`, some]);
    if (some instanceof VoxplainError || some.length === 0) return;
    for (const inner of some) await collect(inner, `${path}/${inner.name}`, found);
  }
}

function unreadable(path: FilePath): (cause: unknown) => VoxplainError {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new VoxplainError("io-failure", `the browser cannot read it: ${reason}`, {
      ...{ file: path, cause },
      hint: "it may be a broken link, or you may lack the permission to read it",
    });
  };
}

function treeOf(files: readonly Found[]): FileSource {
  const tops = new Set(files.map(([path]) => elementAt(path.split("/"), 0)));
  const [top = "files"] = tops;
  const inFolder = tops.size === 1 && files.every(([path]) => path.includes("/"));
  const byPath = new Map(
    files.map(([path, file]) => [inFolder ? path.slice(top.length + 1) : path, file] as const),
  );
  const name = inFolder || byPath.size === 1 ? top : `${byPath.size} files`;
  const tree = fileTree(name, [...byPath.keys()].filter(Boolean), async (path) => {
    const file = byPath.get(path);
    if (file instanceof VoxplainError) throw file;
    return file && blobReader(file);
  });
  return {
    ...tree,
    async list(path) {
      const error = byPath.get(path === "" ? "" : `${path}/`);
      if (error instanceof VoxplainError) throw error;
      return tree.list(path);
    },
  };
}
