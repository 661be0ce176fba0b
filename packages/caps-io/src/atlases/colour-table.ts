import type { NamedRegion } from "./named-region.ts";

/** Number, name without spaces, red, green, blue, and mostly alpha. */
const freeSurferLine = /^\s*(\d+)\s+(\S+)\s+\d+\s+\d+\s+\d+(?:\s+\d+)?\s*$/;

/** Number, red, green, blue, opacity, two switches, and a name in quotation marks. */
const snapLine = /^\s*(\d+)\s+\d+\s+\d+\s+\d+\s+[\d.]+\s+[01]\s+[01]\s+"(.*)"\s*$/;

/** Whether every line with content is one of a colour table of FreeSurfer, or of ITK-SNAP. */
export function isColourTable(text: string): boolean {
  const lines = contentOf(text);
  return lines.length > 0 && lines.every(({ line }) => freeSurferLine.test(line) || snapLine.test(line));
}

/** The names of such a table. */
export function colourTableNames(text: string): readonly NamedRegion[] {
  return contentOf(text).flatMap(({ line, number }) => {
    const [, index, name] = snapLine.exec(line) ?? freeSurferLine.exec(line) ?? [];
    return index === undefined || name === undefined ? [] : [{ index, name, where: `line ${number}` }];
  });
}

/** Lines beginning with # are comments. */
function contentOf(text: string): { readonly line: string; readonly number: number }[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line, k) => ({ line, number: k + 1 }))
    .filter(({ line }) => line.trim() !== "" && !line.trim().startsWith("#"));
}
