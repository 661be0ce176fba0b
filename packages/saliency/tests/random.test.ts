import { describe, expect, it } from "vitest";
import { normalQuantile, normals, philox, randomWords, uniforms } from "../src/numerics/random.ts";
import { readMethodFixtures } from "./method-fixtures.ts";

describe("philox", () => {
  // Known answers published with Random123 (Salmon et al. 2011), philox 4x32 with 10 rounds.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)("of counter %j under key %j is the published block", (counter, key, words) => {
    const [c0, c1, c2, c3] = counter;
    const into = new Uint32Array(4);
    philox(c0, c1, c2, c3, key[0], key[1], into, 0);
    expect([...into]).toEqual(words);
  });
});

describe("randomWords", () => {
  // Published with the hash FNV-1a.
  it.each([
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ])("of the purpose %s are those of the counter %d, the hash of the word", (purpose, hash) => {
    const into = new Uint32Array(4);
    philox(0, 3, hash, 0, 7, 0, into, 0);
    expect(randomWords({ seed: 7, sample: 3, purpose }, 4)).toEqual(into);
  });
});

describe("normals", () => {
  it("are scipy's normal quantiles of numpy's Philox", () => {
    const expected = readMethodFixtures().normals;
    const deviates = normals({ seed: 2 ** 40 + 7, sample: 3, purpose: "noise" }, expected.length);
    // Two approximations, each good to some 1e-15.
    for (const [k, value] of expected.entries()) expect(deviates[k]).toBeCloseTo(value, 13);
  });

  it("are odd about one half, out to the last uniform deviate", () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.25)).toBe(-normalQuantile(0.75));
    // scipy.special.ndtri(2 ** -33)
    expect(normalQuantile(2 ** -33)).toBeCloseTo(-6.3379577545537895, 13);
  });
});

describe("a stream", () => {
  const stream = { seed: 1, sample: 0, purpose: "noise" } as const;

  it("begins the same, however many words are taken", () => {
    expect(randomWords(stream, 5)).toEqual(randomWords(stream, 50).subarray(0, 5));
  });

  it.each([
    { ...stream, seed: 2 },
    { ...stream, seed: 2 ** 32 + 1 },
    { ...stream, sample: 1 },
    { ...stream, purpose: "position" as const },
  ])("is another one for $seed, $sample, $purpose", (other) => {
    expect(uniforms(other, 4)).not.toEqual(uniforms(stream, 4));
  });
});
