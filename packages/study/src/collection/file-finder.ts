import type { FilePlace } from "@voxplain/caps-io";
import { type FilePath, type FileSource, joinPath } from "@voxplain/core";

/** Finds the files that a table names among those that were given with it. */
export interface FileFinder {
  /** The file of a path in the table; it need not be there. */
  readonly open: (path: string) => FilePlace;
  /** Whether several paths of the table, of which one at most can be meant, led to a file. */
  isAmbiguous(place: FilePlace): boolean;
}

/** A folder that was given by mistake should not be walked for minutes. */
const mostEntries = 100_000;

/**
 * The file beside the table that a path names; else the one with whose whole path, below what was given, the path ends, so
 * that absolute paths are found whatever folder was given. Where there is neither, the path stays as it is.
 * @param table - A table, and the files that were given with it.
 * @param others - Files that were given apart from it.
 */
export async function fileFinder(
  { source, below }: FilePlace,
  others: readonly FileSource[],
): Promise<FileFinder> {
  const given: (readonly [FileSource, ReadonlySet<FilePath>])[] = [];
  for (const one of new Set([source, ...others])) given.push([one, await pathsOf(one)]);
  const own = given[0]?.[1];
  const folder = below.slice(0, Math.max(0, below.lastIndexOf("/")));
  /** Paths of the table that led to a file which is not beside it, by the file. */
  const pathsTo = new Map<string, Set<string>>();
  const keyOf = (place: FilePlace) =>
    `${given.findIndex(([known]) => known === place.source)} ${place.below}`;
  return {
    open(path) {
      const plain = path.replaceAll("\\", "/");
      const beside = besideTable(folder, plain);
      if (beside !== undefined && own?.has(beside)) return { source, below: beside };
      for (const end of ends(plain)) {
        const [one] = given.find(([, paths]) => paths.has(end)) ?? [];
        if (one === undefined) continue;
        const place = { source: one, below: end };
        pathsTo.set(keyOf(place), (pathsTo.get(keyOf(place)) ?? new Set()).add(plain));
        return place;
      }
      return { source, below: beside ?? plain };
    },
    isAmbiguous: (place) => (pathsTo.get(keyOf(place))?.size ?? 0) > 1,
  };
}

async function pathsOf(source: FileSource): Promise<ReadonlySet<FilePath>> {
  const paths = new Set<FilePath>();
  const folders: FilePath[] = [""];
  let seen = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const { name, kind } of (await source.list(folder)) ?? []) {
      if (++seen > mostEntries) return paths;
      const path = folder === "" ? name : `${folder}/${name}`;
      if (kind === "directory") folders.push(path);
      else paths.add(path);
    }
  }
  return paths;
}

/** Undefined for a path that leads out of what was given. */
function besideTable(folder: FilePath, path: string): FilePath | undefined {
  if (/^(\/|[A-Za-z]:)/.test(path)) return undefined;
  const parts = folder.split("/").filter(Boolean);
  for (const part of path.split("/")) {
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return joinPath(...parts);
}

/** "/data/images/a.nii", "images/a.nii" and "a.nii" of the first: the longest comes first. */
function ends(path: string): readonly FilePath[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  return parts.map((_, index) => parts.slice(index).join("/"));
}
