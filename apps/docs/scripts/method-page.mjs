import { readFileSync } from "node:fs";

/**
 * What the page of a method says of it in comments below its heading:
 *
 *     <!-- question: the question that its map answers | a note -->
 *     <!-- captum: what Captum calls it | options that it has here | notes -->
 *     <!-- example: options=… with which it is shown, where its defaults do not fit the sample -->
 *
 * Images of the sample have 85×104×90 voxels.
 * @param {string} name - Of the method.
 */
export function methodPage(name) {
  const text = readFileSync(new URL(`../pages/methods/${name}.md`, import.meta.url), "utf8");
  const all = (key) =>
    Array.from(text.matchAll(new RegExp(`^<!-- ${key}: (.*) -->$`, "gm")), ([, value]) =>
      value.split("|").map((cell) => cell.trim()),
    );
  const [question, note] = all("question")[0] ?? [];
  return {
    heading: /^# (.*)$/m.exec(text)?.[1],
    question,
    note,
    /** Rows of [call, options, notes]. */
    captum: all("captum"),
    example: all("example").flatMap(([options = ""]) => options.split(" ")),
  };
}
