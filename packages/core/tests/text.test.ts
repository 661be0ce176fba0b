import { decodeText, decodeUnicode } from "@voxplain/core";
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
