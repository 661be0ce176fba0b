import { decodeText, readFile, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "../file-place.ts";
import { checkColumns, fieldOf, readTable } from "../tables/read-table.ts";
import { inAnotherCase, renameColumns } from "../tables/rename-columns.ts";
import { colourTableNames, isColourTable } from "./colour-table.ts";
import type { NamedRegion } from "./named-region.ts";

/** The table of all regions that FreeSurfer knows has 0.1 MB. */
const mostBytes = 2 ** 22;

/**
 * The names of the regions of an atlas, by their numbers in its images. By its content the file is
 * - a table with the columns `index` (or `label`) and `name`, as BIDS has them in `_dseg.tsv`;
 * - a colour table of FreeSurfer, such as FreeSurferColorLUT.txt: number, name, red, green, blue and alpha in each line; or the
 *   descriptions of labels of ITK-SNAP;
 * - an XML description of FSL, whose images of probabilistic atlases hold the index of a label plus 1, those of atlases of labels the
 *   index itself; or one of SPM.
 * Numbers without a name are left out.
 * @throws VoxplainError naming the file: `not-found`; `invalid-file` for anything else, for a number that is not whole or below 0,
 * and for two names of one number.
 */
export async function readRegionNames({ source, below }: FilePlace): Promise<ReadonlyMap<number, string>> {
  const file = `${source.name}/${below}`;
  const reader = await source.open(below);
  if (reader !== undefined && reader.byteLength > mostBytes) {
    throw new VoxplainError("invalid-file", "it is too large for names of regions", {
      file,
      expected: `at most ${mostBytes} bytes`,
      found: String(reader.byteLength),
    });
  }
  const text = decodeText(await readFile(source, below));
  const found = await regionsIn(text, file);
  const names = new Map<number, string>();
  for (const { index: written, name, where } of found) {
    const index = Number(written);
    if (written.trim() === "" || !Number.isSafeInteger(index) || index < 0) {
      throw new VoxplainError("invalid-file", `${where}: the number of a region is whole, from 0`, {
        file,
        found: `"${written}"`,
      });
    }
    if (name.trim() === "") continue;
    const other = names.get(index);
    if (other !== undefined && other !== name) {
      throw new VoxplainError("invalid-file", `${where}: region ${index} has two names`, {
        file,
        found: `"${other}" and "${name}"`,
      });
    }
    names.set(index, name);
  }
  if (names.size === 0) throw new VoxplainError("invalid-file", "it names no region", { file });
  return names;
}

async function regionsIn(text: string, file: string): Promise<readonly NamedRegion[]> {
  if (/^\s*</.test(text)) return (await import("./atlas-xml.ts")).xmlNames(text, file);
  if (isColourTable(text)) return colourTableNames(text);
  const read = readTable(text, file);
  const known = ["index", "name", "label"].map(
    (name) => [inAnotherCase(read.columns, name) ?? name, name] as const,
  );
  const table = renameColumns(read, new Map(known));
  const column = table.columns.includes("index") || !table.columns.includes("label") ? "index" : "label";
  checkColumns(
    table,
    [column, "name"],
    file,
    "names of regions are a table with the columns index and name, a colour table of FreeSurfer, or an XML file of FSL or SPM",
  );
  return table.rows.map(({ line, fields }) => ({
    index: fieldOf(fields, column),
    name: fieldOf(fields, "name"),
    where: `line ${line}`,
  }));
}
