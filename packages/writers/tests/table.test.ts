import { encodeTable, encodeTablePieces } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { fixture, jsonFixture } from "./fixture.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("encodeTable", () => {
  it("writes the same bytes as pandas' to_csv", () => {
    const rows = jsonFixture("rows.json") as Record<string, string | number | null>[];
    expect(text(encodeTable(Object.keys(rows[0]!), rows))).toBe(text(fixture("table.tsv")));
  });

  it("quotes the empty cell of a single column, as pandas does", () => {
    const rows = [{ note: "" }, { note: "a" }, { note: "" }];
    expect(text(encodeTable(["note"], rows))).toBe(text(fixture("one-column.tsv")));
  });

  it("keeps every digit of a number", () => {
    const numbers = [Math.PI, 1e-300, -0, 5e-324, 2 ** 53, Number.NEGATIVE_INFINITY];
    const lines = text(
      encodeTable(
        ["a", "b"],
        numbers.map((a) => ({ a, b: "" })),
      ),
    )
      .split("\n")
      .slice(1, -1);
    const read = lines.map((line) => Number(line.split("\t")[0]!.replace("inf", "Infinity")));
    expect(read).toEqual(numbers);
  });

  it("leaves missing cells and NaN empty, and unknown keys out", () => {
    const rows = [{ a: null, b: Number.NaN, c: undefined, extra: 1 }, {}];
    expect(text(encodeTable(["a", "b", "c"], rows))).toBe("a\tb\tc\n\t\t\n\t\t\n");
  });

  it("writes the header of a table without rows", () => {
    expect(text(encodeTable(["participant_id", "session_id"], []))).toBe("participant_id\tsession_id\n");
  });

  it("has the same bytes in pieces, of texts in any alphabet and of any length", async () => {
    const rows = Array.from({ length: 4000 }, (_, k) => ({
      name: ["a", "ä", "脳", "🧠"][k % 4]?.repeat(k % 40),
      note: k % 1000 === 0 ? "ö".repeat(2 ** 17) : k,
    }));
    async function* each() {
      yield* rows;
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of encodeTablePieces(["name", "note"], each())) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(8);
    expect(Math.min(...pieces.map(({ length }) => length))).toBeGreaterThan(0);
    expect(Buffer.concat(pieces).equals(encodeTable(["name", "note"], rows))).toBe(true);
  });
});
