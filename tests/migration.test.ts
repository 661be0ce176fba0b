// The migration page names every export that went, and nothing that is still there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportedNames } from "./exported-names.ts";
import { packages, root } from "./workspace.ts";

const page = readFileSync(join(root, "apps/docs/pages/migration.md"), "utf8");
/** The text below the heading of each entry, of every version. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [heading = "", ...lines] = section.split("\n");
      return [heading, lines.join("\n").split(/^## /m)[0] ?? ""];
    }),
);
/** Names in the first column of its tables. */
const goneOf = (entry: string) =>
  Array.from((sections.get(entry) ?? "").matchAll(/^\| *(`[^|]*) *\|/gm), ([, cell = ""]) => cell).flatMap(
    (cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name = ""]) => name),
  );

/** All exports before 0.1, types too, by entry. */
const before: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(root, "tests/fixtures/exported-names-0.0.json"), "utf8"),
);
const now: Readonly<Record<string, readonly string[]>> = Object.assign({}, ...packages.map(exportedNames));
const namesNow = (entry: string) => new Set(now[entry]);

describe.each(Object.keys(before))("the migration page, on %s,", (entry) => {
  it("lists every name that went", () => {
    const gone = (before[entry] ?? "").split(" ").filter((name) => !namesNow(entry).has(name));
    expect(goneOf(entry)).toEqual(expect.arrayContaining(gone));
  });

  it("lists no name that it still exports", () => {
    expect(goneOf(entry).filter((name) => namesNow(entry).has(name))).toEqual([]);
  });

  it("replaces names by exports that exist", () => {
    const replacements = Array.from(
      (sections.get(entry) ?? "").matchAll(/`(\w+)` of `(@voxplain\/[\w/-]+)`/g),
      ([, name = "", of = ""]) => ({ name, of }),
    );
    expect(replacements.filter(({ name, of }) => !namesNow(of).has(name))).toEqual([]);
  });
});

it("has no section for what is no entry of a package", () => {
  expect([...sections.keys()].filter((entry) => now[entry] === undefined)).toEqual([]);
});
