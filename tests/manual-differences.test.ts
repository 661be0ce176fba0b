// The documentation's table of differences names tests: they must exist.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./workspace.ts";

const page = readFileSync(join(root, "apps/docs/pages/guide/manual-differences.md"), "utf8");
const rows = page.split("\n").filter((line) => /^\| \d+ +\|/.test(line));

describe("the table of differences from ClinicaDL 0.2", () => {
  it("has its 33 rows, in order, each with a source", () => {
    expect(rows.map((row) => Number(row.split("|")[1]))).toEqual(Array.from({ length: 33 }, (_, k) => k + 1));
    for (const row of rows) {
      expect(row.split("|")[3]).toContain("https://github.com/aramis-lab/clinicadl/blob/v0.2.2/");
    }
  });

  it.each(rows.map((row) => [row.split("|")[1]!.trim(), row] as const))(
    "row %s names tests that exist",
    (_, row) => {
      const named = row.split("|").at(-2)!.trim().split("<br>");
      for (const one of named) {
        const [, file = "", title = ""] = /^`([^`]+)` › (.+)$/.exec(one) ?? [];
        expect(existsSync(join(root, file)), one).toBe(true);
        expect(readFileSync(join(root, file), "utf8"), one).toContain(`"${title}"`);
      }
    },
  );
});
