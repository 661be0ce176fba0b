import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Something in a folder, or in one that is in it. */
interface Below {
  /** Below the folder, with slashes. */
  readonly path: string;
  readonly kind: "file" | "directory";
}

/**
 * The files and folders in a folder, what is in a folder before that itself. The names of one folder and of those it is in are in memory:
 * results have hundreds of thousands of files.
 */
export async function* below(folder: string, inner = ""): AsyncGenerator<Below> {
  for (const entry of await readdir(join(folder, inner), { withFileTypes: true })) {
    const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
    if (entry.isDirectory()) {
      yield* below(folder, path);
      yield { path, kind: "directory" };
    } else if (entry.isFile()) yield { path, kind: "file" };
  }
}

/** The files in a folder, and in those that are in it, as paths below it with slashes. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { path, kind } of below(folder)) if (kind === "file") yield path;
}
