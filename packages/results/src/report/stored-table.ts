import { readTableFile } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import type { ReportedTable } from "@voxplain/report";

/** A table of a result, if it is there. */
export async function tableIfThere(source: FileSource, below: string): Promise<StoredTable | undefined> {
  if ((await source.open(below)) === undefined) return undefined;
  const { columns, rows } = await readTableFile({ source, below });
  return { columns, rows: rows.map(({ fields }) => fields) };
}

/** Every cell is text. */
export interface StoredTable extends ReportedTable {
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** A table that a result needs. @throws VoxplainError naming the file. */
export async function storedTable(source: FileSource, below: string): Promise<StoredTable> {
  const table = await tableIfThere(source, below);
  if (table !== undefined) return table;
  throw new VoxplainError("not-found", "the file is missing", {
    file: `${source.name}/${below}`,
    hint: "the result is incomplete: run its command again (--overwrite)",
  });
}
