import { type FileSource, VoxplainError } from "@voxplain/core";
import { folderIn } from "@voxplain/study";

/** In the place of files, which hold functions that no browser keeps. */
interface SourceName {
  readonly keptSource: string;
}

/** Plain data in which each place of files is its name. */
export function namedSources<T>(value: T): T {
  return replaced(value, (one) => (isSource(one) ? { keptSource: one.name } : undefined)) as T;
}

/** The data as it was, with the files that are open now. @param roots - What was opened, in the order of opening. */
export function foundSources<T>(value: T, roots: readonly FileSource[]): T {
  return replaced(value, (one) => (isName(one) ? sourceNamed(one.keptSource, roots) : undefined)) as T;
}

function sourceNamed(name: string, roots: readonly FileSource[]): FileSource {
  const found = roots.filter((root) => name === root.name || name.startsWith(`${root.name}/`));
  const [root] = found;
  // Two of one name cannot be distinguished.
  if (root !== undefined && found.length === 1) return folderIn(root, name.slice(root.name.length + 1));
  const missing = () => {
    const hint = "open it, and explain the image again";
    throw new VoxplainError("not-found", "it is not open since the page was loaded again", {
      file: name,
      hint,
    });
  };
  return { name, list: async () => missing(), open: async () => missing() };
}

function replaced(value: unknown, by: (one: object) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const other = by(value);
  if (other !== undefined) return other;
  if (Array.isArray(value)) return value.map((one) => replaced(one, by));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaced(one, by)]));
}

function isSource(value: object): value is FileSource {
  return "open" in value && typeof value.open === "function" && "list" in value;
}

function isName(value: object): value is SourceName {
  return "keptSource" in value;
}
