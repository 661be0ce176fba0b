import { type FileEntry, type FileSource, VoxplainError } from "@voxplain/core";
import { listing, numberAfter } from "./folder-entries.ts";

/** A folder of a fold. */
export interface FoldFolder {
  /** Its number. */
  readonly index: number;
  readonly name: string;
}

/**
 * The folders of the folds, in the order of their numbers.
 * @param missing - Gets a sentence for each folder that is left out.
 * @throws VoxplainError `not-found` where there is none, listing what is there.
 */
export function foldFolders(
  source: FileSource,
  entries: readonly FileEntry[],
  prefix: "fold-" | "split-",
  missing: string[],
): readonly FoldFolder[] {
  const numbered = entries.flatMap((entry) => {
    const index = numberAfter(prefix, entry);
    return index === undefined ? [] : [{ index, name: entry.name }];
  });
  if (numbered.length === 0) {
    throw new VoxplainError("not-found", "the model folder has no trained folds", {
      file: source.name,
      expected: `folders ${prefix}0, ${prefix}1, …`,
      found: listing(entries),
    });
  }
  numbered.sort((a, b) => a.index - b.index || (a.name < b.name ? -1 : 1));
  const folds: FoldFolder[] = [];
  for (const fold of numbered) {
    const last = folds.at(-1);
    if (last?.index === fold.index) {
      missing.push(`${fold.name} and ${last.name} have the same number; ${fold.name} is left out`);
    } else folds.push(fold);
  }
  return folds;
}
