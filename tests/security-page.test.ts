// Every promise of the security page is tested where the page says.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(`${root}apps/docs/pages/security.md`, "utf8");

/** "`file` › title", in the last column of the table of threats. */
const named = [...page.matchAll(/`([^`]+\.test\.ts)` › ([^|;]+?)(?= *[|;])/g)].map(
  ([, file = "", title = ""]) => ({ file, title }),
);

/** Threats are rows of tables whose second column has what happens. */
const rows = page.split("\n").filter((line) => /^\| \*\*/.test(line));

it("each threat has a test", () => {
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) expect(row).toMatch(/`[^`]+\.test\.ts` › /);
});

it.each(named)("$file has the test: $title", ({ file, title }) => {
  expect(existsSync(`${root}${file}`)).toBe(true);
  const text = readFileSync(`${root}${file}`, "utf8").replace(/\s+/g, " ");
  expect(text).toContain(title.replaceAll("\\|", "|"));
});
