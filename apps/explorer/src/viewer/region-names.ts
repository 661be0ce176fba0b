/** Tables of regions are short; what is longer is something else. */
const mostLines = 100_000;

const labelColumns = ["label", "index", "value", "id", "no.", "no"];
const nameColumns = ["name", "region", "roi", "label_name", "structure"];

/**
 * Names of regions by their label: a table with a header (columns `label` or `index`, and `name`), or lines of a
 * number and a name in either order, as viewers and FreeSurfer write them. `#` begins a comment. Lines that are
 * none of this are passed over.
 */
export function parseRegionNames(text: string): ReadonlyMap<number, string> {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/, mostLines)
    .filter((line) => line.trim() !== "" && !/^\s*#/.test(line));
  const names = new Map<number, string>();
  const header = fieldsOf(lines[0] ?? "").map((field) => field.toLowerCase());
  const labelAt = header.findIndex((field) => labelColumns.includes(field));
  const nameAt = header.findIndex((field) => nameColumns.includes(field));
  const hasHeader = labelAt >= 0 && nameAt >= 0;
  for (const line of hasHeader ? lines.slice(1) : lines) {
    const fields = fieldsOf(line);
    const label = hasHeader ? fields[labelAt] : fields.find((field) => /^\d+$/.test(field));
    const name = hasHeader ? fields[nameAt] : fields.find((field) => !/^[-+\d.]+$/.test(field));
    if (label === undefined || !name || !/^\d{1,9}$/.test(label)) continue;
    names.set(Number(label), name);
  }
  return names;
}

/** By tabs, else by commas, else by spaces; quotation marks around a field are not part of it. */
function fieldsOf(line: string): string[] {
  const separator = line.includes("\t") ? /\t/ : line.includes(",") ? /,/ : /\s+/;
  return line
    .trim()
    .split(separator)
    .map((field) => field.trim().replace(/^"(.*)"$/, "$1"));
}
