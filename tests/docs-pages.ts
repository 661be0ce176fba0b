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

function blocksOf(page: string, markdown: string): CodeBlock[] {
  const blocks = markdown.matchAll(/(?:^<!-- not run: (.*?) -->\n+)?^```(\w*)\n([\s\S]*?)^```$/gm);
  return Array.from(blocks, ({ index, 1: notRun, 2: language = "", 3: code = "" }) => {
    const line = markdown.slice(0, index).split("\n").length + (notRun === undefined ? 0 : 1);
    return { title: `${page}:${line}`, page, language, code, notRun };
  });
}

/** The commands of a shell block: words by line, with lines that end in a backslash joined. */
export function commandsOf(code: string): string[][] {
  return code
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, word]) => quoted ?? word ?? ""));
}
