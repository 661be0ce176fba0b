import { type FilePath, type FileSource, readText } from "@voxplain/core";
import ignore from "ignore";

/** Whether a path below a dataset is one that its `.bidsignore` leaves out: lines as in .gitignore. */
export async function readBidsIgnore(source: FileSource): Promise<(path: FilePath) => boolean> {
  const file = ".bidsignore";
  if ((await source.open(file)) === undefined) return () => false;
  const rules = ignore().add(await readText(source, file));
  return (path) => rules.ignores(path);
}
