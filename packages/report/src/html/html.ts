import { visibleText } from "./visible-text.ts";

/** Text that is HTML already. */
export interface Html {
  /** The HTML. */
  readonly html: string;
}

/** What may stand in a template. */
export type Content = Html | string | number | undefined | false | readonly Content[];

/** HTML from a template: everything that is put in is escaped, unless it came from a template itself. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { html: parts.reduce((text, part, k) => text + htmlOf(contents[k - 1]) + part) };
}

function htmlOf(content: Content): string {
  if (content === undefined || content === false) return "";
  if (typeof content === "string") return escaped(visibleText(content));
  if (typeof content === "number") return String(content);
  return "html" in content ? content.html : content.map(htmlOf).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
