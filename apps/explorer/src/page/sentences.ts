import { isVoxplainError } from "@voxplain/core";

/** Our errors say in their message what can be done; for others the sentence names the kind of error, too. */
export function sentenceOf(error: unknown): string {
  if (isVoxplainError(error)) return error.message;
  if (error instanceof Error) return `Something unexpected happened (${error.name}): ${error.message}`;
  return `Something unexpected happened: ${String(error)}`;
}

/**
 * A message as a sentence of the page. Files that were opened without a folder are called by their names: the folder
 * that messages put before them ("2 files/a.nii", "a.nii/a.nii") is made up. Options of the command, which stand in
 * parentheses after the words for them ("vote uniformly (--voting uniform)"), are left out; one value of an output is chosen by a field of
 * the page. Images of a table that was opened alone have their paths beside it.
 */
export function sentenceFrom(message: string): string {
  const named = message
    .replaceAll(/ \(--target(?: ([\d,]+))?\)/g, (_, indices?: string) =>
      indices === undefined ? " (Explained output)" : ` (Explained output: ${indices})`,
    )
    .replaceAll(/ \((?:voxplain [a-z]+ )?--[a-z][^()]*\)/g, "")
    .replaceAll(/\b\d+ files\//g, "")
    .replaceAll(/(?<=^|[:;,\n] )[^\n/:;,]+\.(?:tsv|csv)\/(?=\S)/g, "")
    .replaceAll(/([^\n/]+\.[^\n/]+)\/\1(?=[\s:,;)]|\.?$|\.\s)/g, "$1");
  // A name at the beginning keeps its case.
  return named.replace(/^[a-z]+(?=[\s,])/, (word) => word[0]?.toUpperCase() + word.slice(1));
}
