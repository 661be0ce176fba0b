// When a page was checked, and for which version: the line below every page.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { MarkdownRenderer } from "vitepress";

const root = new URL("../../../", import.meta.url);

/** The version of the command, which all packages of a release have. */
const { version } = JSON.parse(readFileSync(new URL("packages/cli/package.json", root), "utf8"));

/** The day of the last commit that changed a page, by its path; none for pages that git does not know. */
const days = daysOfPages();

function daysOfPages(): ReadonlyMap<string, string> {
  const words = ["log", "--format=@%cs", "--name-only", "--relative", "--", "apps/docs/pages"];
  const known = new Map<string, string>();
  try {
    const log = execFileSync("git", words, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
    let day = "";
    for (const line of log.split("\n")) {
      if (line.startsWith("@")) day = line.slice(1);
      else if (line !== "" && !known.has(line)) known.set(line, day);
    }
  } catch {
    // Not a checkout: the day of the build stands in.
  }
  return known;
}

const today = new Date().toISOString().slice(0, 10);

/**
 * Ends every page with the line. A comment `<!-- checked: 2026-11-29 -->` on a page is the day on which other programs were tried, or
 * sources read; else it is the day of the page's last change.
 */
export function addCheckedLine(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push("checked", ({ env, tokens, Token }) => {
    const stated = tokens.flatMap(
      ({ content }) => /<!-- checked: (\d{4}-\d\d-\d\d) -->/.exec(content)?.[1] ?? [],
    );
    const line = new Token("html_block", "", 0);
    line.content = `<p class="checked">${checkedLine(env.relativePath ?? "", stated[0])}</p>\n`;
    tokens.push(line);
  });
}

/** "Checked on 29 November 2026 for Voxplain 0.1.0." */
function checkedLine(page: string, stated: string | undefined): string {
  const day = stated ?? days.get(`apps/docs/pages/${page}`) ?? today;
  const [year, month, date] = day.split("-").map(Number);
  const written = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(
    Date.UTC(year ?? 0, (month ?? 1) - 1, date),
  );
  return `Checked on ${written} for Voxplain ${version}.`;
}
