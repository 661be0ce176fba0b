import type { FileEntry } from "@voxplain/core";

/** The number of a folder "<prefix><number>". */
export function numberAfter(prefix: string, { name, kind }: FileEntry): number | undefined {
  return kind === "directory" && name.startsWith(prefix) ? numberOf(name.slice(prefix.length)) : undefined;
}

/** The number that some digits are. */
export function numberOf(digits: string): number | undefined {
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}

/** The first entries of a folder, for a message. */
export function listing(entries: readonly FileEntry[]): string {
  const names = entries.slice(0, 10).map(({ name, kind }) => (kind === "directory" ? `${name}/` : name));
  if (names.length === 0) return "nothing";
  return entries.length > names.length
    ? `${names.join(", ")} and ${entries.length - names.length} more`
    : names.join(", ");
}
