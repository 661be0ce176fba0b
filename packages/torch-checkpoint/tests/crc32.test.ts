import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const kinds = ["Node", "a library"];

describe.each(kinds)("the checksum that %s computes", (kind) => {
  const load = async () => {
    if (kind === "a library") vi.stubGlobal("process", undefined);
    return (await import("../src/crc32.ts")).crc32;
  };

  it("is the CRC-32 of the check string that catalogues of checksums give", async () => {
    const crc32 = await load();
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array())).toBe(0);
  });

  it("is the same in pieces of any length, also after a sum of 0", async () => {
    const crc32 = await load();
    const bytes = Uint8Array.from({ length: 1000 }, (_value, k) => (k * k) % 251);
    const whole = crc32(bytes);
    for (const length of [1, 3, 8, 64, 999]) {
      let sum = 0;
      for (let at = 0; at < bytes.length; at += length) sum = crc32(bytes.subarray(at, at + length), sum);
      expect(sum, `pieces of ${length}`).toBe(whole);
    }
    // Four bytes whose sum is 0.
    expect(crc32(Uint8Array.of(0x9d, 0x0a, 0xd9, 0x6d))).toBe(0);
    expect(crc32(bytes, crc32(Uint8Array.of(0x9d, 0x0a, 0xd9, 0x6d)))).toBe(
      crc32(Uint8Array.of(0x9d, 0x0a, 0xd9, 0x6d, ...bytes)),
    );
  });
});
