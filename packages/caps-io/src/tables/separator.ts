import papa from "papaparse";

/** What separates the fields of a table. */
export type Separator = "\t" | ";" | ",";

const separators = ["\t", ";", ","] as const;

/** A table whose separator is known. */
export interface SeparatedText {
  /** The one that the header has: a tab before a semicolon before a comma, which may be in a name or a number. */
  readonly separator: Separator;
  /** The table, without what declares the separator; every line ends with "\n". */
  readonly body: string;
  /** The line of the file that the body begins with, from 1. */
  readonly line: number;
}

/** Finds the separator of a table in its header, or in a first line `sep=;` that Excel understands. */
export function separatorOf(text: string): SeparatedText {
  const plain = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const [, declared] = /^"?sep=([\t;,])"?\n/i.exec(plain) ?? [];
  if (declared === undefined) return { separator: ofHeader(plain), body: plain, line: 1 };
  const separator = separators.find((one) => one === declared) ?? "\t";
  return { separator, body: plain.slice(plain.indexOf("\n") + 1), line: 2 };
}

/** The fields of the header of a table, as they are written, from its first line. */
export function headerColumns(text: string): readonly string[] {
  const { separator, body } = separatorOf(text);
  return papa.parse<string[]>(headerOf(body), { delimiter: separator, newline: "\n" }).data[0] ?? [];
}

function ofHeader(text: string): Separator {
  const bare = headerOf(text).replace(/"[^"]*"/g, "");
  return separators.find((one) => bare.includes(one)) ?? "\t";
}

/** The first line that has more than separators and spaces; quoted names may have line breaks. */
function headerOf(text: string): string {
  const start = Math.max(0, text.search(/[^\s;,]/));
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') quoted = !quoted;
    else if (character === "\n" && !quoted) return text.slice(text.lastIndexOf("\n", start) + 1, at);
  }
  return text.slice(text.lastIndexOf("\n", start) + 1);
}
