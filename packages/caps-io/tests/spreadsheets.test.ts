import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { readTable, readTableFile } from "../src/tables/read-table.ts";

const fixtures = fileURLToPath(new URL("fixtures/tables/", import.meta.url));
const bytesOf = (name: string) => new Uint8Array(readFileSync(fixtures + name));
const read = (name: string, options = {}) =>
  readTableFile({ source: memoryFiles(new Map([[name, bytesOf(name)]]), "tables"), below: name }, options);

describe("a table that LibreOffice saved", () => {
  const rows = [
    ["001", "ses-M00", "71.5", "AD", 'says "ok", twice', "images/a.nii.gz"],
    ["sub-002", "ses-M00", "68", "CN", "two\nlines", "images/scan of b; repeated.nii"],
    ["1e5", "ses-M12", "80.25", "n/a", "Köln", "images/ç.npy"],
    ["sub-004", "ses-M00", "", "AD", '5" screen', "images/d.pt"],
  ];

  it.each([
    ["with commas", "commas.csv", {}],
    ["with semicolons and every text in quotation marks", "quoted-semicolons.csv", {}],
    ["with tabs in UTF-16", "utf-16-tabs.csv", {}],
    ["in Windows-1252, as a list of labels,", "windows-1252.csv", { orWindows1252: true }],
  ])("%s is read as it was typed, each row with its line", async (_, name, options) => {
    const table = await read(name, options);
    expect(table.columns).toEqual(["participant_id", "session_id", "age", "diagnosis", "note", "image"]);
    expect(table.rows.map(({ fields }) => Object.values(fields))).toEqual(rows);
    expect(table.rows.map(({ line }) => line)).toEqual([2, 3, 5, 6]);
  });

  it.each([
    ["windows-1252.csv", "its text is neither UTF-8 nor UTF-16; it may be Windows-1252"],
    ["workbook.xlsx", "it is a workbook (.xlsx, .ods) or another archive, not a text file"],
    ["workbook.xls", "it is a workbook of an older Excel (.xls), not a text file"],
  ])("as %s is refused by name", async (name, message) => {
    await expect(read(name)).rejects.toThrow(`tables/${name}: ${message}`);
  });
});

interface RandomTable {
  readonly text: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly line: number; readonly fields: Readonly<Record<string, string>> }[];
}

it("random tables are read as Python's csv module reads them, with its lines", () => {
  const tables: readonly RandomTable[] = JSON.parse(readFileSync(`${fixtures}random-tables.json`, "utf8"));
  expect(tables.length).toBe(40);
  for (const { text, columns, rows } of tables) {
    expect(readTable(text, "table"), JSON.stringify(text)).toEqual({ columns, rows });
  }
});

describe("a file that is not a table of sessions is refused by name", () => {
  it("where it has more than 64 MiB, without being read", async () => {
    const reader = { byteLength: 100e6, read: () => Promise.reject(new Error("it was read")) };
    const source = { name: "tables", list: async () => undefined, open: async () => reader };
    await expect(readTableFile({ source, below: "large.csv" })).rejects.toThrow(
      "tables/large.csv: it is not a table of sessions: it has more than 64 MiB",
    );
  });

  it.each([
    ["a million columns", "participant_id,image".padEnd(1e6, ",x"), "more than 10000 columns"],
    ["six million fields", `${"a,".repeat(99)}a\n`.repeat(60_000), "more than 5000000 fields"],
    ["five million quotation marks", `a,b\n${'"x" '.repeat(2.5e6)}`, "more than 4000000 quotation marks"],
    ["bytes of 0", "participant_id,image\n\0\0", "bytes of 0; is it a text file?"],
  ])("where it has %s", (_, text, message) => {
    expect(() => readTable(text, "table")).toThrow(message);
  });

  it("where R wrote names of rows, it says which argument leaves them out", () => {
    expect(() => readTable("participant_id,image\n1,sub-01,a.nii\n", "table")).toThrow(
      "line 2 does not have as many fields as the header: expected 2, found 3; separate them by commas; R writes one field more unless row.names is FALSE",
    );
  });
});

it("the index that pandas writes, a column without a name, is left out", () => {
  const { columns, rows } = readTable("\tparticipant_id\tage\t\n0\tsub-01\t70\t\n", "data.tsv");
  expect(columns).toEqual(["participant_id", "age"]);
  expect(rows).toEqual([{ line: 2, fields: { participant_id: "sub-01", age: "70" } }]);
});
