// The code blocks of the documentation site's pages.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packages, root } from "./workspace.ts";

export interface CodeBlock {
  /** "guide/quick-start.md:12". */
  readonly title: string;
  readonly page: string;
  readonly language: string;
  readonly code: string;
  /** Why it is not run: what `<!-- not run: … -->` in the line above says. */
  readonly notRun: string | undefined;
}

const pages = join(root, "apps/docs/pages");

export interface Page {
  /** Its path below the pages: "guide/quick-start.md". */
  readonly page: string;
  readonly markdown: string;
}

/** Every page but those of the API, in order. */
export function handWrittenPages(): Page[] {
  return readdirSync(pages, { recursive: true })
    .map((path) => String(path).replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".md") && !path.startsWith("api/"))
    .sort()
    .map((page) => ({ page, markdown: readFileSync(join(pages, page), "utf8") }));
}

export const codeBlocks = (): CodeBlock[] =>
  [...handWrittenPages(), ...modulePages()].flatMap(({ page, markdown }) => blocksOf(page, markdown));

/** The code blocks of the README and of those of the packages. */
export const readmeBlocks = (): CodeBlock[] =>
  ["README.md", ...packages.map(({ folder }) => `packages/${folder}/README.md`)].flatMap((page) =>
    blocksOf(page, readFileSync(join(root, page), "utf8")),
  );

/** The comments at the head of modules, which begin the pages of the API. */
function modulePages(): Page[] {
  return packages.flatMap(({ folder, path }) =>
    readdirSync(join(path, "src"), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith(".ts"))
      .sort()
      .flatMap((file) => {
        const comment = /^\/\*\*\n([\s\S]*?) \*\//.exec(readFileSync(join(path, "src", file), "utf8"))?.[1];
        if (comment === undefined || !comment.includes("```")) return [];
        return [{ page: `${folder}/src/${file}`, markdown: comment.replaceAll(/^ \* ?/gm, "") }];
      }),
  );
}

const blocksOf = (page: string, markdown: string): CodeBlock[] =>
  elementsOf(page, markdown).flatMap(({ title, kind, language = "", text, notes }) =>
    kind === "code" ? [{ title, page, language, code: text, notRun: notes["not run"] }] : [],
  );

/** Something that begins a line of a page: a block of code, a table, an image, or a line of text. */
export interface Element {
  /** Its place: "guide/quick-start.md:12". */
  readonly title: string;
  readonly kind: "code" | "table" | "image" | "text";
  /** Of a block of code. */
  readonly language?: string;
  /** The code, the lines of a table, the address of an image, or the line. */
  readonly text: string;
  /** What comments right above it say, by key: `<!-- not run: … -->`, `<!-- figure: … -->`. */
  readonly notes: Readonly<Record<string, string>>;
}

/** What a page consists of, in order. */
export function elementsOf(page: string, markdown: string): Element[] {
  const elements: Element[] = [];
  let notes: Record<string, string> = {};
  const pattern =
    /^<!-- (not run|long|table|figure|picture): (.*?) -->$|^```(\w*)\n([\s\S]*?)^```$|^((?:\|.*\n)+)|^!\[.*?\]\((\S+)\)$|^\S.*$/gm;
  for (const match of markdown.matchAll(pattern)) {
    const [line, key, value = "", language, code = "", table, image] = match;
    if (key !== undefined) {
      notes[key] = value;
      continue;
    }
    const title = `${page}:${markdown.slice(0, match.index).split("\n").length}`;
    if (language !== undefined) elements.push({ title, kind: "code", language, text: code, notes });
    else if (table !== undefined) elements.push({ title, kind: "table", text: table, notes });
    else if (image !== undefined) elements.push({ title, kind: "image", text: image, notes });
    else elements.push({ title, kind: "text", text: line, notes });
    notes = {};
  }
  return elements;
}

/** The commands of a shell block: words by line, with lines that end in a backslash joined. */
export function commandsOf(code: string): string[][] {
  return code
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, word]) => quoted ?? word ?? ""));
}
