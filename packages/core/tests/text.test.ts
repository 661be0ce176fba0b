import { decodeText, decodeUnicode, withEscapes } from "@voxplain/core";
import { describe, expect, it } from "vitest";

const text = "participant_id\tsite\nsub-01\tKöln\n";
const utf16 = (bigEndian: boolean, mark: boolean) => {
  const units = Buffer.from((mark ? "\uFEFF" : "") + text, "utf16le");
  return new Uint8Array(bigEndian ? units.swap16() : units);
};

describe("decodeText", () => {
  it.each([
    ["UTF-8", new TextEncoder().encode(text)],
    ["UTF-8 with a byte order mark", new TextEncoder().encode(`\uFEFF${text}`)],
    ["UTF-16, as Excel saves Unicode text", utf16(false, true)],
    ["UTF-16 of the other byte order", utf16(true, true)],
    ["UTF-16 without a byte order mark", utf16(false, false)],
    ["UTF-16 of the other byte order without one", utf16(true, false)],
    ["Latin-1, as Excel saves CSV in western Europe", new Uint8Array(Buffer.from(text, "latin1"))],
  ])("reads %s", (_, bytes) => {
    expect(decodeText(bytes)).toBe(text);
  });

  it("reads what is empty", () => {
    expect(decodeText(new Uint8Array())).toBe("");
  });
});

describe("decodeUnicode", () => {
  it("reads what decodeText reads, but nothing that is not Unicode", () => {
    expect(decodeUnicode(new TextEncoder().encode(`\uFEFF${text}`))).toBe(text);
    expect(decodeUnicode(utf16(true, true))).toBe(text);
    expect(decodeUnicode(new Uint8Array(Buffer.from(text, "latin1")))).toBeUndefined();
    expect(decodeUnicode(new Uint8Array([0xff, 0xfe, 0x41, 0x00, 0x42]))).toBeUndefined();
  });
});

describe("withEscapes", () => {
  it.each([
    ["a\nb\tc", "a\\nb\\tc"],
    ["\u001b[2J\u0085\u009b", "\\u001b[2J\\u0085\\u009b"],
    ["\u202e\u2067\u061c\u200b\ufeff", "\\u202e\\u2067\\u061c\\u200b\\ufeff"],
    // Tags, which no font has.
    ["\u{e0041}", "\\udb40\\udc41"],
  ])("%j is what is shown: %s", (name, shown) => {
    expect(withEscapes(name)).toBe(shown);
    // In JSON they mean what they stand for.
    expect(JSON.parse(`"${shown}"`)).toBe(name);
  });

  it("leaves letters of any script as they are", () => {
    for (const name of ["Köln", "日本語", "می\u200cخواهم", "🧠"]) expect(withEscapes(name)).toBe(name);
  });
});
