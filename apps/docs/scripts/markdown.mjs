/**
 * A table in Markdown.
 * @param {readonly string[]} heads
 * @param {readonly (readonly string[])[]} rows
 * @param {readonly string[]} [numbers] - Heads of columns that are aligned right; the site does not break their lines.
 */
export function table(heads, rows, numbers = []) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(heads),
    line(heads.map((head) => (numbers.includes(head) ? "---:" : "---"))),
    ...rows.map(line),
  ].join("\n");
}
