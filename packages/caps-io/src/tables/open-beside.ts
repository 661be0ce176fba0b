import { type FilePath, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "../file-place.ts";

/**
 * Opens what a table names below the source of the table: paths are relative to the table.
 * @returns A function that throws VoxplainError `unsafe-file` for a path that is absolute or leads out of the source.
 */
export function besideTable({ source, below }: FilePlace): (path: string) => FilePlace {
  const folder = below.split("/").slice(0, -1);
  return (path) => {
    const inside = isAbsolutePath(path) ? undefined : joined(folder, path);
    if (inside !== undefined) return { source, below: inside };
    throw new VoxplainError("unsafe-file", "the file is not in the folder that was opened", {
      file: path,
      expected: `a path relative to ${source.name}/${below}`,
    });
  };
}

/** Whether a path begins at the root of a disk, on any system: "/data", "C:/data", "//server/data". */
function isAbsolutePath(path: string): boolean {
  return path.startsWith("/") || isPathOfWindows(path);
}

/** Whether a path begins with the letter of a disk: "C:/data". */
export function isPathOfWindows(path: string): boolean {
  return /^[a-z]:\//i.test(path);
}

/** undefined where ".." leads out. */
function joined(folder: readonly string[], path: string): FilePath | undefined {
  const names = [...folder];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.join("/");
}
